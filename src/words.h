/* SPDX-License-Identifier: MIT
 *
 * words.h - a text as words, punctuation and line ends, and which of them a space parts. Leaf.
 *
 * A token is one of
 *   - a word: letters, their marks and digits, with an apostrophe between them (don't), and a point or comma
 *     between digits (3.14). A straight apostrophe in it becomes ’. More than 48 characters are parted.
 *   - a line end "\n" (also of CR LF, CR, U+0085, U+2028, U+2029);
 *   - one ideograph or kana, since no blanks part those;
 *   - a closing mark . , ; : ! ? … ) ] } ” ’ » % or an opening one ( [ { “ ‘ „ « ¿ ¡ # $ £ €;
 *   - any other mark, such as a dash or a straight quotation mark, with the blanks that it has beside it, since
 *     no rule says where those belong: " — " and "-" are two tokens.
 * A run of one mark (... --) is one token, brackets and quotation marks apart; of at most 8.
 *
 * Blanks part tokens and vanish. words_space() puts them back: a space stands behind a word, an ideograph or a closing
 * mark, and in front of a word, an ideograph or an opening mark; but not between two ideographs. Where the text has it
 * otherwise, the token says so:
 *   - what has no space where one would stand is one token: "x" ".com", "10" ":30", "f(", ")[", "’tis";
 *   - what has a space where none would stand has it in its token: "( " "a" " )", " ?", except beside a line's ends.
 * So addresses, times and code come back as they were: the text of a text's tokens is the text, except that
 *   - blanks and control characters, as many as stand together, become one space; those at the end of a line or text
 *     vanish, those at the beginning stay in front of other marks only;
 *   - a straight apostrophe in a word becomes ’, a line end "\n", what is not UTF-8 U+FFFD, folded letters small ones;
 *   - between an ideograph and a word there is one space, and between ideographs none;
 *   - there is a space between the parts of a longer word than 48 characters, of a longer run than 8 of closing or
 *     opening marks.
 * The text of a text's tokens has the same tokens again.
 *
 * Plain: a token has one part, as if all spaces stood where they would; so a vocabulary without "x.com"'s ".com" has
 * "." and "com".
 *
 * Folded: letters become small, as Unicode has it one for one, of the alphabets Latin (but the letters of African
 * languages and phonetics among U+0181 to U+024F), Greek (monotonic), Cyrillic (to U+052F) and Armenian. İ becomes i,
 * ẞ becomes ß, a Σ that ends a word of several letters ς. A letter and its marks are not composed.
 */
#ifndef WORDS_H
#define WORDS_H

#include <stdint.h>

enum { WORD_BYTES = 256 }; /* room that any token needs, with its NUL */

typedef struct {
    const unsigned char *rest, *end; /* what is not read yet */
    int folded, plain;
    int blank;     /* whether blanks were skipped last */
    uint32_t last; /* the character that the last token ended with; 0 in the beginning */
} words_reader;

/* Writes the next token and a NUL; returns its bytes, 0 at the end. r->rest then begins behind it. */
int words_next(words_reader *r, char *token);

/* 1 if a space parts the two; before may be "": the beginning of a text. */
int words_space(const char *before, const char *token);

#endif

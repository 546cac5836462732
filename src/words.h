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
 * Blanks and control characters part tokens and vanish; so words_space() can put them back by rule. A text made of
 * tokens so has the same tokens again. What is not UTF-8 counts as U+FFFD.
 * Folded: letters become small, of the alphabets Latin (to U+017E), Greek (monotonic), Cyrillic and Armenian.
 */
#ifndef WORDS_H
#define WORDS_H

#include <stdint.h>

enum { WORD_BYTES = 200 }; /* room that any token needs, with its NUL */

typedef struct {
    const unsigned char *rest, *end; /* what is not read yet */
    int folded;
    int blank; /* whether blanks were skipped last */
} words_reader;

/* Writes the next token and a NUL; returns its bytes, 0 at the end. r->rest then begins behind it. */
int words_next(words_reader *r, char *token);

/* 1 if a space parts the two; before may be "": the beginning of a text. */
int words_space(const char *before, const char *token);

#endif

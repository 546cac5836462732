/* SPDX-License-Identifier: MIT
 *
 * words_test.c - the rules of words.h: what a text becomes, and that a text of its tokens becomes the same again.
 */
#include "check.h"
#include "rnn.h"
#include "words.h"

#include <stdlib.h>

/* Tokens of a text, each in bars: "|a|b|". */
static char *tokens_of(const char *text, size_t bytes, int folded)
{
    words_reader r = {.rest = (const unsigned char *)text,
                      .end = (const unsigned char *)text + bytes,
                      .folded = folded};
    char token[WORD_BYTES], *out = calloc(1, 8 * bytes + 8);
    size_t used = 1;
    out[0] = '|';
    for (int length; (length = words_next(&r, token)) > 0; used += (size_t)length + 1) {
        memcpy(out + used, token, (size_t)length);
        out[used + (size_t)length] = '|';
    }
    return out;
}

static void check_tokens(const char *text, const char *expected, int folded)
{
    char *tokens = tokens_of(text, strlen(text), folded);
    CHECK(strcmp(tokens, expected) == 0);
    if (strcmp(tokens, expected) != 0)
        printf("  %s\n  gives    %s\n  expected %s\n", text, tokens, expected);
    free(tokens);
}

/* The text that the tokens make. */
static char *text_of(const char *text, size_t bytes)
{
    words_reader r = {.rest = (const unsigned char *)text, .end = (const unsigned char *)text + bytes};
    char token[WORD_BYTES], before[WORD_BYTES] = "", *out = calloc(1, 8 * bytes + 8);
    while (words_next(&r, token)) {
        strcat(out, words_space(before, token) ? " " : "");
        strcat(out, token);
        strcpy(before, token);
    }
    return out;
}

static void check_same_again(const char *text, size_t bytes)
{
    char *once = tokens_of(text, bytes, 0), *back = text_of(text, bytes), *again = tokens_of(back, strlen(back), 0);
    CHECK(strcmp(once, again) == 0);
    if (strcmp(once, again) != 0)
        printf("  %s\n  %s\n  %s\n", once, back, again);
    free(once);
    free(back);
    free(again);
}

static void words_punctuation_and_line_ends_are_tokens(void)
{
    check_tokens("Hello, world!\nIt is I.", "|Hello|,|world|!|\n|It|is|I|.|", 0);
    check_tokens("a  b\t c", "|a|b|c|", 0);
    check_tokens("one\r\ntwo\rthree\n\nfour\xE2\x80\xA8", "|one|\n|two|\n|three|\n|\n|four|\n|", 0);
    check_tokens("don't Alice’s O'Neill's dogs' 'tis", "|don’t|Alice’s|O’Neill’s|dogs|'| '|tis|", 0);
}

static void numbers_keep_their_points_and_commas(void)
{
    check_tokens("3.14, 1,000.5 and 7.", "|3.14|,|1,000.5|and|7|.|", 0);
    check_tokens("5% of $20", "|5|%|of|$|20|", 0);
}

static void marks_without_a_rule_carry_their_blanks(void)
{
    check_tokens("tea-party - or — and—so", "|tea|-|party| - |or| — |and|—|so|", 0);
    check_tokens("said \"yes\" and \"no\".", "|said| \"|yes|\" |and| \"|no|\"|.|", 0);
    check_tokens("— Привет, — сказал он.", "|— |Привет|,| — |сказал|он|.|", 0);
    check_tokens("a -- b--c", "|a| -- |b|--|c|", 0);
}

static void quotation_marks_with_a_side_need_no_blanks(void)
{
    check_tokens("“Oh dear!” (said) ‘she’ «да»", "|“|Oh|dear|!|”|(|said|)|‘|she|’|«|да|»|", 0);
}

static void a_run_of_a_mark_is_one_token(void)
{
    check_tokens("well... what?! no!!!", "|well|...|what|?|!|no|!!!|", 0);
    check_tokens("* * *", "|*| *| *|", 0);
    check_tokens("((a))", "|(|(|a|)|)|", 0);
    check_tokens("==========", "|========|==|", 0);
}

static void ideographs_stand_alone(void) { check_tokens("我们 ok", "|我|们|ok|", 0); }

static void folding_makes_letters_small(void)
{
    check_tokens("ÉTÉ Łódź ПРИВЕТ Ёлка ΑΒΓ", "|été|łódź|привет|ёлка|αβγ|", 1);
    check_tokens("ΌΤΑΝ Άλφα ΈΉΊΎΏ ΪΫ Ÿ", "|όταν|άλφα|έήίύώ|ϊϋ|ÿ|", 1);
    check_tokens("ÉTÉ", "|ÉTÉ|", 0);
}

static void long_words_are_parted(void)
{
    char text[101], *tokens;
    memset(text, 'a', 100);
    text[100] = 0;
    tokens = tokens_of(text, 100, 0);
    CHECK_EQUAL(strlen(tokens), 1 + 49 + 49 + 5);
    free(tokens);
    text[47] = '\''; /* what joins is not the last of a part: it would be a mark when it is read again */
    tokens = tokens_of(text, 100, 0);
    CHECK_EQUAL(strchr(tokens + 1, '|') - tokens, 1 + 47);
    free(tokens);
    check_same_again(text, 100);
}

static void ordinary_prose_comes_back_letter_for_letter(void)
{
    static const char *const prose[] = {
        "“Oh dear! Oh dear! I shall be late!” (thinking it over, it occurred to her—at least—that she’d wondered.)",
        "He said: \"I'm 3.5 years old\"; then 5% left.\n\nCHAPTER II. The tea-party - or so.",
        "— Ну что ж, — сказал он, — идём? «Да», ответила она…",
        "‘Well!’ thought Alice. 我们在这里。"};
    for (size_t i = 0; i < sizeof prose / sizeof *prose; i++) {
        char *back = text_of(prose[i], strlen(prose[i])), expected[300];
        strcpy(expected, prose[i]);
        for (char *p; (p = strstr(expected, "I'm"));) /* the apostrophe in a word becomes the typographer's */
            memmove(p + 4, p + 2, strlen(p + 2) + 1), memcpy(p + 1, "’", 3);
        CHECK(strcmp(back, expected) == 0);
        if (strcmp(back, expected) != 0)
            printf("  %s\n  %s\n", expected, back);
        free(back);
    }
}

static void a_text_of_tokens_has_the_same_tokens(void)
{
    static const char *const pieces[] = {"a", "Bc", "é",   "Ж",  "7", "3.1", "'",  "’",           "‘",  "\"",
                                         "“", "”",  "-",   "--", "—", "–",   " ",  "  ",          "\n", "\r\n",
                                         ".", ",",  "...", "!",  "(", ")",   "*",  "_",           "/",  "$",
                                         "%", "我", "的",  "«",  "»", "\t",  "😀", "\xE2\x80\x8D"};
    enum { PIECES = sizeof pieces / sizeof *pieces };
    for (uint32_t round = 0; round < 20000; round++) {
        char text[200] = "";
        int count = 1 + (int)(rnn_dice(1, round) * 14.0f);
        for (int i = 0; i < count; i++)
            strcat(text, pieces[(int)(rnn_dice(2 + round, (uint32_t)i) * (float)PIECES)]);
        check_same_again(text, strlen(text));
    }
}

static void any_bytes_have_the_same_tokens_again(void)
{
    for (uint32_t round = 0; round < 5000; round++) {
        char text[40];
        for (uint32_t i = 0; i < sizeof text; i++)
            text[i] = (char)(unsigned char)(rnn_dice(round, i) * 256.0f);
        check_same_again(text, sizeof text);
    }
}

int main(int argc, char **argv)
{
    static const test tests[] = {
        TEST(words_punctuation_and_line_ends_are_tokens),
        TEST(numbers_keep_their_points_and_commas),
        TEST(marks_without_a_rule_carry_their_blanks),
        TEST(quotation_marks_with_a_side_need_no_blanks),
        TEST(a_run_of_a_mark_is_one_token),
        TEST(ideographs_stand_alone),
        TEST(folding_makes_letters_small),
        TEST(long_words_are_parted),
        TEST(ordinary_prose_comes_back_letter_for_letter),
        TEST(a_text_of_tokens_has_the_same_tokens),
        TEST(any_bytes_have_the_same_tokens_again)};
    return RUN(tests);
}

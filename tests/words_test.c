/* SPDX-License-Identifier: MIT
 *
 * words_test.c - the rules of words.h: what a text becomes, and that a text of its tokens becomes the same again.
 */
#include "check.h"
#include "rnn.h"
#include "utf8.h"
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
    check_tokens("a\xC2\x85\xE2\x80\xA9", "|a|\n|\n|", 0);
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

static void a_mark_with_no_space_where_one_would_stand_is_of_a_token_with_its_neighbour(void)
{
    check_tokens("joe@x.com at 10:30, U.S.A.", "|joe|@|x|.com|at|10|:30|,|U|.S|.A|.|", 0);
    check_tokens("printf(\"%d\", a[0])[1]", "|printf(|\"|%d|\"|,|a[|0|]|)[|1|]|", 0);
    check_tokens("C# :: std::x ...so", "|C#| ::|std|::x| ...so|", 0);
    check_tokens("a)(b 我(,我", "|a|)(|b|我(|,我|", 0);
}

static void a_mark_with_a_space_where_none_would_stand_has_it_in_its_token(void)
{
    check_tokens("( a ) . # b", "|( |a| )| .|# |b|", 0);
    check_tokens("Quoi ? « mot »", "|Quoi| ?|« |mot| »|", 0);
    check_tokens(". . ) ) # # ( (", "|.|.| )| )|#|# |( |(|", 0);
    check_tokens("- ) ( - (\n ) (", "|-| )|(| - |(|\n|)|(|", 0);
}

static void folding_makes_letters_small(void)
{
    check_tokens("ÉTÉ Łódź ПРИВЕТ Ёлка ΑΒΓ", "|été|łódź|привет|ёлка|αβγ|", 1);
    check_tokens("ΌΤΑΝ Άλφα ΈΉΊΎΏ ΪΫ Ÿ", "|όταν|άλφα|έήίύώ|ϊϋ|ÿ|", 1);
    check_tokens("ÉTÉ", "|ÉTÉ|", 0);
    check_tokens("İZMİR ẞ ȘȚ Ə Ếp ƠƯ ǍǕ Ȳ ԱՖ", "|izmir|ß|șț|ə|ếp|ơư|ǎǖ|ȳ|աֆ|", 1);
    check_tokens("@AZ[`az{×ÞßĸŉſΆ΋΢ӀӁӏ՗", "|@|az[|`|az{|×|þßĸŉſά΋΢ӏӂӏ՗|", 1);
}

static void a_sigma_that_ends_a_word_is_the_final_one(void)
{
    check_tokens("ΟΔΟΣ ΟΔΟΣ. Σ ΣΣ ΣΑΣ’Σ ς σ", "|οδος|οδος|.|σ|σς|σασ’ς|ς|σ|", 1);
    check_tokens("ΟΔΟΣ", "|ΟΔΟΣ|", 0);
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

static void check_comes_back(const char *text)
{
    char *back = text_of(text, strlen(text));
    CHECK(strcmp(back, text) == 0);
    if (strcmp(back, text) != 0)
        printf("  %s\n  comes back as %s\n", text, back);
    free(back);
}

static void addresses_times_and_code_come_back_letter_for_letter(void)
{
    static const char *const texts[] = {
        "joe@x.com", "https://a.b/c?x=1&y=2#top", "10:30", "the U.S.A. is", "a.b", "x=1;y=2", "snake_case.tar.gz",
        "5’10\"", "printf (\"%d\\n\", x);", "for (i = 0; i < n; i++) { a[i] = b->c(d)[2]; }", "[](int x){ };",
        "C:\\dir\\x.txt ~/y", "192.168.0.1:80", "v1.2.3-rc.1", "#!/bin/sh", "#include <x.h>", "# Title\n\n* item",
        "a ? b : c", ":) ;-)", "$5.00, 5$, US$5, 5€, 5 € each", "std::vector<int> v;", "f( x ) [ 0 ]", "a..b ..c ...d",
        "<a href=\"x\">y</a>", "{\"a\":[1,2.5,{}]}", "1:1 In the beginning", "well...and…so", "’Tis ’em rock ’n’ roll",
        "« Oui ! »", "»Ja«, sagte", "„Ja“ sagte", "hello,world!yes?no", "(a)(b) ((c) d)", ". . . and", "100%sure"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        check_comes_back(texts[i]);
}

/* Single blanks, and none at a line's ends. */
static int is_tidy(const char *text)
{
    return *text != ' ' && text[strlen(text) - 1] != ' ' && !strstr(text, "  ") && !strstr(text, " \n") &&
           !strstr(text, "\n ") && !strstr(text, "我 我");
}

static void check_tidy_texts(const char *const *pieces, int count, uint32_t seed)
{
    int tidy = 0;
    for (uint32_t round = 0; round < 40000; round++) {
        char text[64] = "";
        for (uint32_t i = 0; i < 8; i++) /* so no run is longer than 8 */
            strcat(text, pieces[(int)(rnn_dice(seed + round, i) * (float)count)]);
        if (is_tidy(text)) {
            check_comes_back(text);
            tidy++;
        }
    }
    CHECK(tidy > 5000);
}

static void any_tidy_text_comes_back_letter_for_letter(void)
{
    static const char *const of_words[] = {"a", "Bc", "é", "Ж", "7", "3.1", "’", "‘", "\"", "“", "”", "-", "—", " ",
                                           " ", " ", " ", "\n", ".", ",", "…", "!", ":", "(", ")", "]", "{", "*", "/",
                                           "#", "$", "%", "«", "»", "😀", "\xCC\x81"};
    static const char *const of_ideographs[] = {"我", "我", "’", "“", "-", "。", " ", " ", "\n", ".", "(", ")", "#", "%"};
    check_tidy_texts(of_words, sizeof of_words / sizeof *of_words, 7);
    check_tidy_texts(of_ideographs, sizeof of_ideographs / sizeof *of_ideographs, 8);
}

static void remove_all(char *text, const char *what)
{
    for (char *p; (p = strstr(text, what));)
        memmove(p, p + strlen(what), strlen(p + strlen(what)) + 1);
}

/* Besides, apostrophes may change their form. */
static void check_all_but_blanks_comes_back(const char *text)
{
    static const char *const gone[] = {" ", "\t", "\r", "'", "’"};
    char expected[200], *back = text_of(text, strlen(text));
    strcpy(expected, text);
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++) {
        remove_all(expected, gone[i]);
        remove_all(back, gone[i]);
    }
    CHECK(strcmp(back, expected) == 0);
    free(back);
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
        check_all_but_blanks_comes_back(text);
    }
}

static void check_text_of_tokens(const char *text, const char *expected)
{
    char *back = text_of(text, strlen(text));
    CHECK(strcmp(back, expected) == 0);
    if (strcmp(back, expected) != 0)
        printf("  %s\n  gives    %s\n  expected %s\n", text, back, expected);
    free(back);
    check_same_again(text, strlen(text));
}

static void what_does_not_come_back_is_what_the_rules_say(void)
{
    check_text_of_tokens(" a \t\x01 b\xC2\xA0\xE2\x80\x8B . \n  - c\n . d \r\n \xC2\xAD", "a b .\n - c\n. d\n");
    check_text_of_tokens("5'10 dogs' \xFFx", "5’10 dogs' \xEF\xBF\xBDx");
    check_text_of_tokens("我ok 我 我7", "我 ok 我我 7");
    check_text_of_tokens("..........a ((((((((((( ##########", "........ ..a ((((((((((( ######## ##");
    check_text_of_tokens("==========", "==========");
    check_text_of_tokens("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", /* 50 */
                         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa aa");
}

static void no_token_is_longer_than_its_room(void)
{
    char text[400] = "", token[WORD_BYTES + 1];
    strcat(text, "a ");
    for (int i = 0; i < 8; i++)
        strcat(text, "…");
    for (int i = 0; i < 48; i++)
        strcat(text, "\xF0\x90\x8C\xB0"); /* a letter of four bytes */
    for (int i = 0; i < 8; i++)
        strcat(text, "€");
    strcat(text, " a");
    words_reader r = {.rest = (const unsigned char *)text, .end = (const unsigned char *)text + strlen(text)};
    token[WORD_BYTES] = 'x';
    CHECK_EQUAL(words_next(&r, token), 1);
    CHECK_EQUAL(words_next(&r, token), 1 + 24 + 192 + 24 + 1);
    CHECK_EQUAL(token[WORD_BYTES], 'x');
    CHECK_EQUAL(words_next(&r, token), 1);
    CHECK_EQUAL(words_next(&r, token), 0);
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

/* The tokens of each code point, up to where only letters follow, between letters and apart: FNV-1a over them all. Who
 * changes the rules on purpose writes the new numbers below. */
static uint32_t hash_of_all_characters(int folded)
{
    uint32_t hash = 0x811c9dc5U;
    for (uint32_t point = 1; point < 0x40100; point++) {
        char text[24] = "ab", character[5] = {0}, token[WORD_BYTES];
        utf8_encode(point, character);
        strcat(strcat(strcat(strcat(strcat(text, character), "c "), character), " d"), character);
        words_reader r = {.rest = (const unsigned char *)text, .end = (const unsigned char *)text + strlen(text),
                          .folded = folded};
        while (words_next(&r, token))
            for (const char *p = token;; p++) {
                hash = (hash ^ (unsigned char)*p) * 0x01000193U;
                if (!*p)
                    break;
            }
    }
    return hash;
}

static void every_character_of_unicode_is_read_as_it_was(void)
{
    CHECK_EQUAL(hash_of_all_characters(0), 3414856049U);
    CHECK_EQUAL(hash_of_all_characters(1), 4252393662U);
}

static void what_is_not_utf_8_becomes_the_replacement_character(void)
{
    check_tokens("a \xff b", "|a| \xEF\xBF\xBD |b|", 0);
    check_tokens("\xC3", "|\xEF\xBF\xBD|", 0);
}

int main(int argc, char **argv)
{
    static const test tests[] = {
        TEST(every_character_of_unicode_is_read_as_it_was),
        TEST(what_is_not_utf_8_becomes_the_replacement_character),
        TEST(words_punctuation_and_line_ends_are_tokens),
        TEST(numbers_keep_their_points_and_commas),
        TEST(marks_without_a_rule_carry_their_blanks),
        TEST(quotation_marks_with_a_side_need_no_blanks),
        TEST(a_run_of_a_mark_is_one_token),
        TEST(ideographs_stand_alone),
        TEST(a_mark_with_no_space_where_one_would_stand_is_of_a_token_with_its_neighbour),
        TEST(a_mark_with_a_space_where_none_would_stand_has_it_in_its_token),
        TEST(folding_makes_letters_small),
        TEST(a_sigma_that_ends_a_word_is_the_final_one),
        TEST(long_words_are_parted),
        TEST(ordinary_prose_comes_back_letter_for_letter),
        TEST(addresses_times_and_code_come_back_letter_for_letter),
        TEST(any_tidy_text_comes_back_letter_for_letter),
        TEST(what_does_not_come_back_is_what_the_rules_say),
        TEST(no_token_is_longer_than_its_room),
        TEST(a_text_of_tokens_has_the_same_tokens),
        TEST(any_bytes_have_the_same_tokens_again)};
    return RUN(tests);
}

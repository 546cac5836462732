/* SPDX-License-Identifier: MIT
 *
 * vocab_test.c - UTF-8 and the vocabulary: what text becomes, and what a hostile vocab tensor does not.
 */
#include "check.h"
#include "files.h"
#include "rnn.h"
#include "utf8.h"

static int length_of(const char *bytes, size_t n)
{
    memory_file f = copy_of(bytes, n);
    int length = utf8_length(f.bytes, f.bytes + n);
    free(f.bytes);
    return length;
}

/* ---- UTF-8 ---- */

static void every_code_point_comes_back_and_surrogates_are_none(void)
{
    for (uint32_t point = 0; point < 0x110000; point++) {
        char text[4];
        int bytes = utf8_encode(point, text), length = length_of(text, (size_t)bytes);
        if (point >= 0xD800 && point <= 0xDFFF)
            CHECK_EQUAL(length, 0);
        else {
            CHECK_EQUAL(length, bytes);
            CHECK_EQUAL(utf8_decode((const unsigned char *)text, length), point);
        }
    }
}

static void overlong_cut_and_stray_bytes_are_no_utf_8(void)
{
    static const char *const bad[] = {
        "\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x20", "\xC2\xC2", "\xE0\x80\x80", "\xE0\x9F\xBF",
        "\xE2\x82", "\xE2\x82\x28", "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF",
        "\xF0\x9F\x98", "\xF0\x9F\x98\x20", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xF8\x88\x80\x80\x80",
        "\xFE", "\xFF"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_EQUAL(length_of(bad[i], strlen(bad[i])), 0);
    CHECK_EQUAL(length_of("\xF4\x8F\xBF\xBF", 4), 4);
    CHECK_EQUAL(length_of("\xEF\xBF\xBF", 3), 3);
    CHECK_EQUAL(length_of("\x7F", 1), 1);
}

static void a_text_is_cut_before_the_sequence_that_would_be_split(void)
{
    static const char text[] = "aé€😀z"; /* 1, 2, 3, 4 bytes and 1 */
    static const size_t cuts[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11};
    for (size_t at = 0; at < sizeof text; at++)
        CHECK_EQUAL(utf8_cut(text, at), cuts[at]);
    CHECK_EQUAL(utf8_cut("\x80\xBF\x80", 2), 0); /* a text that begins within a sequence has no cut before it */
}

/* ---- build, encode, token ---- */

static void a_vocabulary_holds_each_character_once_by_code_point(void)
{
    static const char *const tokens[] = {"\n", " ", "a", "b", "é", "я", "😀"};
    const char *text = "baя 😀é\nab😀";
    rnn_vocab *v = rnn_vocab_build(text, strlen(text), RNN_CHARACTERS, 0);
    CHECK_EQUAL(rnn_vocab_size(v), 7);
    for (int id = 0; id < 7; id++)
        CHECK(strcmp(rnn_token(v, id), tokens[id]) == 0);
    CHECK(rnn_token(v, 7) == NULL);
    CHECK(rnn_token(v, -1) == NULL);
    rnn_vocab_free(v);
}

static void a_text_comes_back_from_its_tokens(void)
{
    const char *text = "Прощай, свободная стихия! 😀 naïve\tﷺ";
    rnn_vocab *v = rnn_vocab_build(text, strlen(text), RNN_CHARACTERS, 0);
    int32_t ids[100];
    char back[200] = "";
    int n = rnn_encode(v, text, strlen(text), ids, NULL, 100);
    for (int i = 0; i < n; i++)
        strcat(back, rnn_token(v, ids[i]));
    CHECK_EQUAL(n, 35);
    CHECK(strcmp(back, text) == 0);
    rnn_vocab_free(v);
}

static void what_the_vocabulary_lacks_and_every_bad_byte_becomes_none(void)
{
    rnn_vocab *v = rnn_vocab_build("abc", 3, RNN_CHARACTERS, 0);
    static const char text[] = "a\0z\xFF\xE2\x82" "bя\xF0\x9F\x98";
    static const int32_t expected[] = {0, -1, -1, -1, -1, -1, 1, -1, -1, -1, -1};
    int32_t ids[20];
    memory_file f = copy_of(text, sizeof text - 1);
    CHECK_EQUAL(rnn_encode(v, (const char *)f.bytes, f.size, ids, NULL, 20), 11);
    CHECK(memcmp(ids, expected, sizeof expected) == 0);
    free(f.bytes);
    rnn_vocab_free(v);
}

static void each_token_has_the_byte_behind_it(void)
{
    static const uint32_t expected[] = {1, 3, 4, 8, 9};
    rnn_vocab *v = rnn_vocab_build("aé😀", strlen("aé😀"), RNN_CHARACTERS, 0);
    int32_t ids[5];
    uint32_t ends[5];
    CHECK_EQUAL(rnn_encode(v, "aé\xFF😀z", 9, ids, ends, 5), 5);
    CHECK(memcmp(ends, expected, sizeof ends) == 0);
    rnn_vocab_free(v);
}

static void encode_counts_all_and_writes_no_more_than_there_is_room(void)
{
    rnn_vocab *v = rnn_vocab_build("ab", 2, RNN_CHARACTERS, 0);
    int32_t ids[3] = {7, 7, 7};
    CHECK_EQUAL(rnn_encode(v, "abab", 4, NULL, NULL, 0), 4);
    CHECK_EQUAL(rnn_encode(v, "abab", 4, ids, NULL, 2), 4);
    CHECK(ids[0] == 0 && ids[1] == 1 && ids[2] == 7);
    CHECK_EQUAL(rnn_encode(v, "", 0, ids, NULL, 3), 0);
    rnn_vocab_free(v);
}

static void a_text_without_a_character_makes_no_vocabulary(void)
{
    CHECK(rnn_vocab_build("", 0, RNN_CHARACTERS, 0) == NULL);
    CHECK_EQUAL(rnn_error_code(), RNN_E_VOCAB);
    CHECK(rnn_vocab_build("\xFF\0\xC0", 3, RNN_CHARACTERS, 0) == NULL);
    CHECK_EQUAL(rnn_error_code(), RNN_E_VOCAB);
}

static void a_text_of_too_many_characters_makes_no_vocabulary(void)
{
    enum { MANY = 65537 };
    char *text = malloc(4 * MANY), *end = text;
    for (uint32_t point = 0x10000; point < 0x10000 + MANY; point++)
        end += utf8_encode(point, end);
    CHECK(rnn_vocab_build(text, (size_t)(end - text), RNN_CHARACTERS, 0) == NULL);
    CHECK_EQUAL(rnn_error_code(), RNN_E_VOCAB);
    CHECK(strstr(rnn_error(), "65537"));
    rnn_vocab *v = rnn_vocab_build(text, (size_t)(end - text) - 4, RNN_CHARACTERS, 0);
    CHECK_EQUAL(v ? rnn_vocab_size(v) : 0, 65536);
    rnn_vocab_free(v);
    free(text);
}

/* ---- words ---- */

static const char tale[] = "The cat saw the dog. The dog saw the cat.\nThe end.";

static void words_come_by_frequency_after_the_unknown_one(void)
{
    static const char *const tokens[] = {"<unknown>", ".", "The", "cat", "dog", "saw", "the", "\n", "end"};
    rnn_vocab *v = rnn_vocab_build(tale, sizeof tale - 1, RNN_WORDS, 0);
    rnn_vocab *few = rnn_vocab_build(tale, sizeof tale - 1, RNN_WORDS, 4);
    rnn_vocab *folded = rnn_vocab_build(tale, sizeof tale - 1, RNN_WORDS_FOLDED, 0);
    CHECK_EQUAL(rnn_vocab_size(v), 9);
    CHECK_EQUAL(rnn_vocab_level(v), RNN_WORDS);
    for (int id = 0; id < 9; id++)
        CHECK(strcmp(rnn_token(v, id), tokens[id]) == 0);
    CHECK_EQUAL(rnn_vocab_size(few), 4);
    CHECK(strcmp(rnn_token(few, 3), "cat") == 0);
    CHECK_EQUAL(rnn_vocab_size(folded), 8);
    CHECK(strcmp(rnn_token(folded, 1), "the") == 0);
    rnn_vocab_free(v);
    rnn_vocab_free(few);
    rnn_vocab_free(folded);
}

static void a_word_that_the_vocabulary_lacks_is_the_unknown_one(void)
{
    static const int32_t expected[] = {2, 0, 3, 1};
    static const uint32_t places[] = {3, 7, 11, 12};
    rnn_vocab *v = rnn_vocab_build(tale, sizeof tale - 1, RNN_WORDS, 0);
    int32_t ids[8];
    uint32_t ends[8];
    CHECK_EQUAL(rnn_encode(v, "The fox cat. ", 13, ids, ends, 8), 4);
    CHECK(memcmp(ids, expected, sizeof expected) == 0);
    CHECK(memcmp(ends, places, sizeof places) == 0);
    CHECK_EQUAL(rnn_space(v, 2, 3), 1);
    CHECK_EQUAL(rnn_space(v, 3, 1), 0);
    CHECK_EQUAL(rnn_space(v, RNN_NONE, 3), 0);
    CHECK_EQUAL(rnn_space(v, 3, 99), 0);
    CHECK_EQUAL(rnn_vocab_unknown(v), 0);
    CHECK_EQUAL(rnn_space(v, 2, 0), 1); /* beside others it is a word */
    CHECK_EQUAL(rnn_space(v, 0, 3), 1);
    CHECK_EQUAL(rnn_space(v, 0, 1), 0);
    CHECK_EQUAL(rnn_space(v, RNN_NONE, 0), 0);
    rnn_vocab_free(v);
}

/* So a network from before such tokens reads as it did. */
static void a_token_of_several_parts_that_the_vocabulary_lacks_is_read_part_by_part(void)
{
    static const char known[] = "mail com, in: (10). and)";
    static const char text[] = "mail.com (in:10).and ( fox.fox )";
    static const char *const expected[] = {"mail", ".", "com", "(", "in", ":", "10", ")", ".", "and",
                                           "(", "<unknown>", ".", "<unknown>", ")"};
    rnn_vocab *v = rnn_vocab_build(known, sizeof known - 1, RNN_WORDS, 0);
    rnn_vocab *all = rnn_vocab_build(text, sizeof text - 1, RNN_WORDS, 0);
    int32_t ids[20];
    int count = rnn_encode(v, text, sizeof text - 1, ids, NULL, 20);
    CHECK_EQUAL(count, 15);
    for (int i = 0; i < 15 && i < count; i++)
        CHECK(strcmp(rnn_token(v, ids[i]), expected[i]) == 0);
    CHECK_EQUAL(rnn_encode(v, text, sizeof text - 1, NULL, NULL, 0), 15);
    CHECK_EQUAL(rnn_encode(all, text, sizeof text - 1, ids, NULL, 20), 11);
    CHECK(strcmp(rnn_token(all, ids[10]), " )") == 0);
    rnn_vocab_free(all);
    rnn_vocab_free(v);
}

/* A vocabulary of a text's beginning so has all that is read there. */
static void a_text_that_ends_behind_a_token_has_the_same_tokens(void)
{
    static const char text[] = "one - !\ntwo — \n“three” * * -- 3.14 don't, four --- ) 'tis - - so\r\n"
                               "f(x.y) ( z )[0] .\n";
    int32_t ids[60], again[60];
    uint32_t ends[60];
    rnn_vocab *v = rnn_vocab_build(text, sizeof text - 1, RNN_WORDS, 0);
    int count = rnn_encode(v, text, sizeof text - 1, ids, ends, 60);
    for (int kept = 1; kept <= count; kept++) {
        CHECK_EQUAL(rnn_encode(v, text, ends[kept - 1], again, NULL, 60), kept);
        CHECK(memcmp(ids, again, sizeof *ids * (size_t)kept) == 0);
    }
    CHECK(count > 30 && count <= 60);
    rnn_vocab_free(v);
}

static void a_file_of_words_must_name_its_unknown_one(void)
{
    static const char *const meta[] = {"level\0words\0", "level\0words\0unknown\0" "1\0"};
    rnn_vocab *v = rnn_vocab_build(tale, sizeof tale - 1, RNN_WORDS, 0);
    rnn_model *m = rnn_model_new(RNN_CELL_TANH, 1, 9, 0, 4, 9, 1);
    for (int i = 0; i < 2; i++) {
        memory_file f = saved_model(m, v, meta[i]);
        CHECK(rnn_vocab_load(f.bytes, f.size) == NULL);
        CHECK_EQUAL(rnn_error_code(), RNN_E_VOCAB);
        CHECK(strstr(rnn_error(), "\"unknown\": \"0\""));
        free(f.bytes);
    }
    rnn_model_free(m);
    rnn_vocab_free(v);
}

static void a_file_says_that_its_tokens_are_words(void)
{
    static const char *const meta[] = {
        "level\0words\0unknown\0" "0\0", "level\0words, folded\0unknown\0" "0\0", "unknown\0" "0\0"};
    rnn_vocab *v = rnn_vocab_build(tale, sizeof tale - 1, RNN_WORDS, 0);
    rnn_model *m = rnn_model_new(RNN_CELL_TANH, 1, 9, 0, 4, 9, 1);
    for (int level = 0; level < 3; level++) {
        memory_file f = saved_model(m, v, meta[level]);
        rnn_vocab *again = rnn_vocab_load(f.bytes, f.size);
        int32_t ids[40];
        CHECK_EQUAL(rnn_vocab_level(again), level == 2 ? RNN_CHARACTERS : level ? RNN_WORDS_FOLDED : RNN_WORDS);
        CHECK_EQUAL(rnn_encode(again, "the end.", 8, ids, NULL, 40), level == 2 ? 8 : 3);
        CHECK_EQUAL(rnn_space(again, 2, 3), level != 2);
        rnn_model *loaded = rnn_model_load(f.bytes, f.size, NULL);
        CHECK_EQUAL(rnn_special(loaded, "unknown"), 0);
        rnn_model_free(loaded);
        rnn_vocab_free(again);
        free(f.bytes);
    }
    rnn_model_free(m);
    rnn_vocab_free(v);
}

static void levels_and_limits_out_of_range_are_refused(void)
{
    CHECK(rnn_vocab_build("a b", 3, 3, 0) == NULL && rnn_error_code() == RNN_E_RANGE);
    CHECK(rnn_vocab_build("a b", 3, RNN_WORDS, 1) == NULL && rnn_error_code() == RNN_E_RANGE);
    CHECK(rnn_vocab_build("a b", 3, RNN_WORDS, -1) == NULL && rnn_error_code() == RNN_E_RANGE);
    CHECK(rnn_vocab_build("a b", 3, RNN_WORDS, 65537) == NULL && rnn_error_code() == RNN_E_RANGE);
    CHECK(rnn_vocab_build("a b", 3, -1, 0) == NULL && rnn_error_code() == RNN_E_RANGE);
    CHECK(rnn_vocab_build(" \t ", 3, RNN_WORDS, 0) == NULL && rnn_error_code() == RNN_E_VOCAB);
}

/* ---- load ---- */

static rnn_vocab *load(const char *tokens, size_t bytes)
{
    char header[100];
    snprintf(header, sizeof header, "{\"vocab\":{\"dtype\":\"U8\",\"shape\":[%zu],\"data_offsets\":[0,%zu]}}", bytes,
             bytes);
    memory_file f = file_of(header, tokens, bytes);
    rnn_vocab *v = rnn_vocab_load(f.bytes, f.size);
    free(f.bytes);
    return v;
}

#define LOAD(tokens) load(tokens, sizeof(tokens)) /* with the literal's own NUL at the end */

static void tokens_keep_the_order_of_the_file(void)
{
    rnn_vocab *v = LOAD("z\0я\0a\0<pad>\0😀");
    int32_t ids[8], expected[] = {2, 0, 1, 4, -1};
    CHECK(v != NULL);
    if (v) {
        CHECK_EQUAL(rnn_vocab_size(v), 5);
        CHECK(strcmp(rnn_token(v, 3), "<pad>") == 0);
        CHECK_EQUAL(rnn_encode(v, "azя😀<", strlen("azя😀<"), ids, NULL, 8), 5);
        CHECK(memcmp(ids, expected, sizeof expected) == 0);
    }
    rnn_vocab_free(v);
}

static void markup_and_odd_names_are_tokens_like_any_other(void)
{
    rnn_vocab *v = LOAD("<img onerror=alert(1)>\0</script>\0__proto__\0constructor\0\xE2\x80\xAE\0\x07");
    CHECK(v && rnn_vocab_size(v) == 6);
    CHECK(v && strcmp(rnn_token(v, 2), "__proto__") == 0);
    rnn_vocab_free(v);
}

static void check_refused(rnn_vocab *v, const char *why)
{
    CHECK(v == NULL);
    CHECK_EQUAL(rnn_error_code(), RNN_E_VOCAB);
    if (!strstr(rnn_error(), why))
        printf("\"%s\" does not say \"%s\"\n", rnn_error(), why);
    CHECK(strstr(rnn_error(), why));
    rnn_vocab_free(v);
}

static void a_hostile_vocabulary_is_refused_with_the_token(void)
{
    check_refused(LOAD("a\0\0b"), "token 1 of the vocabulary is empty: give it a name, such as <pad>");
    check_refused(LOAD(""), "token 0 of the vocabulary is empty");
    check_refused(LOAD("a\0b\0a"), "tokens 0 and 2 of the vocabulary are the same");
    check_refused(LOAD("<pad>\0a\0<pad>"), "tokens 0 and 2 of the vocabulary are the same");
    check_refused(LOAD("a\0\xFF"), "token 1 of the vocabulary is not UTF-8");
    check_refused(LOAD("a\0b\xC3"), "token 1 of the vocabulary is not UTF-8");
    check_refused(LOAD("\xED\xA0\x80"), "token 0 of the vocabulary is not UTF-8");
    check_refused(load("ab", 2), "ended by a NUL");
    check_refused(load("", 0), "no vocabulary");
}

static void a_level_that_is_not_known_is_named(void)
{
    rnn_vocab *v = rnn_vocab_build("ab", 2, RNN_CHARACTERS, 0);
    rnn_model *m = rnn_model_new(RNN_CELL_TANH, 1, 2, 0, 4, 2, 1);
    memory_file f = saved_model(m, v, "level\0syllables\0");
    check_refused(rnn_vocab_load(f.bytes, f.size), "the level \"syllables\" is not known");
    free(f.bytes);
    rnn_model_free(m);
    rnn_vocab_free(v);
}

static void tokens_of_more_than_255_bytes_are_refused(void)
{
    static char tokens[2 << 20];
    tokens[0] = 'a';
    memset(tokens + 2, 'b', 256);
    check_refused(load(tokens, 259), "token 1 of the vocabulary has 256 bytes; at most 255");
    rnn_vocab *v = load(tokens, 258); /* without its NUL it is none */
    check_refused(v, "ended by a NUL");
    memset(tokens + 257, 0, 1);
    v = load(tokens, 258);
    CHECK(v && strlen(rnn_token(v, 1)) == 255);
    rnn_vocab_free(v);
    memset(tokens, 'c', sizeof tokens - 1);
    check_refused(load(tokens, sizeof tokens), "token 0 of the vocabulary has 2097151 bytes");
}

static void more_than_65536_tokens_are_refused(void)
{
    enum { MANY = 65537 };
    char *text = malloc(5 * MANY), *end = text;
    for (uint32_t point = 0x10000; point < 0x10000 + MANY; point++, *end++ = 0)
        end += utf8_encode(point, end);
    check_refused(load(text, (size_t)(end - text)), "65537 tokens");
    rnn_vocab *v = load(text, (size_t)(end - text) - 5);
    CHECK(v && rnn_vocab_size(v) == 65536);
    rnn_vocab_free(v);
    free(text);
}

static void a_file_without_a_vocabulary_says_so(void)
{
    static const char *const headers[] = {"{}", "{\"vocab\":{\"dtype\":\"I8\",\"shape\":[2],\"data_offsets\":[0,2]}}",
                                          "{\"vocab\":{\"dtype\":\"U8\",\"shape\":[1,2],\"data_offsets\":[0,2]}}",
                                          "{\"vocab\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,1]}}"};
    static const size_t data_bytes[] = {0, 2, 2, 1};
    for (int i = 0; i < 4; i++) {
        memory_file f = file_of(headers[i], "a", data_bytes[i]);
        check_refused(rnn_vocab_load(f.bytes, f.size), "no vocabulary");
        free(f.bytes);
    }
    CHECK(rnn_vocab_load("", 0) == NULL);
    CHECK_EQUAL(rnn_error_code(), RNN_E_TRUNCATED);
}

int main(int argc, char **argv)
{
    static const test tests[] = {
        TEST(every_code_point_comes_back_and_surrogates_are_none),
        TEST(overlong_cut_and_stray_bytes_are_no_utf_8),
        TEST(a_text_is_cut_before_the_sequence_that_would_be_split),
        TEST(a_vocabulary_holds_each_character_once_by_code_point),
        TEST(a_text_comes_back_from_its_tokens),
        TEST(what_the_vocabulary_lacks_and_every_bad_byte_becomes_none),
        TEST(each_token_has_the_byte_behind_it),
        TEST(encode_counts_all_and_writes_no_more_than_there_is_room),
        TEST(a_text_without_a_character_makes_no_vocabulary),
        TEST(a_text_of_too_many_characters_makes_no_vocabulary),
        TEST(words_come_by_frequency_after_the_unknown_one),
        TEST(a_word_that_the_vocabulary_lacks_is_the_unknown_one),
        TEST(a_token_of_several_parts_that_the_vocabulary_lacks_is_read_part_by_part),
        TEST(a_text_that_ends_behind_a_token_has_the_same_tokens),
        TEST(a_file_of_words_must_name_its_unknown_one),
        TEST(a_file_says_that_its_tokens_are_words),
        TEST(levels_and_limits_out_of_range_are_refused),
        TEST(tokens_keep_the_order_of_the_file),
        TEST(markup_and_odd_names_are_tokens_like_any_other),
        TEST(a_hostile_vocabulary_is_refused_with_the_token),
        TEST(a_level_that_is_not_known_is_named),
        TEST(tokens_of_more_than_255_bytes_are_refused),
        TEST(more_than_65536_tokens_are_refused),
        TEST(a_file_without_a_vocabulary_says_so)};
    return RUN(tests);
}

/* SPDX-License-Identifier: MIT
 *
 * safetensors_test.c - any bytes either read or return the right error: rule by rule, cut at every byte,
 * with every bit flipped, and mutated at random.
 */
#include "safetensors.h"

#include "check.h"
#include "files.h"
#include "rnn.h"

/* What st_read says to a header before data_bytes bytes of data: 0 or an error code. */
static int verdict_on(const char *header, size_t length, size_t data_bytes)
{
    unsigned char data[256] = {0};
    memory_file f = file_of_bytes(header, length, data, data_bytes);
    st_file *file = st_read(f.bytes, f.size);
    int code = file ? 0 : rnn_error_code();
    free(file);
    free(f.bytes);
    return code;
}

static int verdict(const char *header, size_t data_bytes) { return verdict_on(header, strlen(header), data_bytes); }

typedef struct { const char *header; size_t data_bytes; int code; } row;

static void check_rows(const row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int code = verdict(rows[i].header, rows[i].data_bytes);
        if (code != rows[i].code)
            printf("%s\n", rows[i].header);
        CHECK_EQUAL(code, rows[i].code);
    }
}

#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof *(rows))

/* ---- write and read ---- */

static void what_is_written_is_read(void)
{
    static const float numbers[6] = {1.5f, -2.0f, 0.0f, -0.0f, 3e38f, 1e-45f};
    static const unsigned char halves[4] = {0, 1, 2, 3};
    static const signed char bytes[3] = {-127, 0, 127};
    const st_tensor tensors[] = {
        {.name = "a", .type = ST_F32, .rank = 2, .shape = {2, 3}, .data = (const unsigned char *)numbers},
        {.name = "half", .type = ST_F16, .rank = 1, .shape = {2}, .data = halves},
        {.name = "brain", .type = ST_BF16, .rank = 1, .shape = {2}, .data = halves},
        {.name = "an \"odd\" \\ name\n\xD1\x8F", .type = ST_I8, .rank = 1, .shape = {3},
         .data = (const unsigned char *)bytes},
        {.name = "scalar", .type = ST_U8, .rank = 0, .data = halves},
        {.name = "empty", .type = ST_F32, .rank = 3, .shape = {2, 0, 4}, .data = halves}};
    enum { COUNT = sizeof tensors / sizeof *tensors };
    static const char meta[] = "key\0value\0quote \" \\ \x01\x1F\n\0\xF0\x9F\x98\x80\0empty\0\0";
    size_t size = st_write(tensors, COUNT, meta, NULL, 0);
    memory_file f = {malloc(size), size};
    CHECK_EQUAL(st_write(tensors, COUNT, meta, f.bytes, size), size);
    st_file *file = st_read(f.bytes, f.size);
    CHECK(file != NULL);
    for (int i = 0; file && i < COUNT; i++) {
        const st_tensor *t = st_find(file, tensors[i].name);
        CHECK(t && t->type == tensors[i].type && t->rank == tensors[i].rank);
        CHECK(t && memcmp(t->shape, tensors[i].shape, sizeof t->shape) == 0);
        CHECK(t && memcmp(t->data, tensors[i].data, (size_t)(t->end - t->begin)) == 0);
    }
    CHECK(file && file->metadata_bytes == sizeof meta && memcmp(file->metadata, meta, sizeof meta) == 0);
    CHECK(file && st_find(file, "b") == NULL);
    free(file);
    free(f.bytes);
}

static void a_file_that_does_not_fit_is_not_begun(void)
{
    unsigned char out[200];
    memset(out, 7, sizeof out);
    const st_tensor t = {.name = "a", .type = ST_U8, .rank = 1, .shape = {100}, .data = out};
    size_t size = st_write(&t, 1, NULL, out, sizeof out);
    CHECK(size > sizeof out);
    for (size_t i = 0; i < sizeof out; i++)
        CHECK_EQUAL(out[i], 7);
}

static void the_tensors_data_begins_at_a_multiple_of_64_bytes(void)
{
    unsigned char out[400];
    const st_tensor t = {.name = "a", .type = ST_F32, .rank = 1, .shape = {2}, .data = out};
    static const char meta[] = "key\0value of some length\0";
    st_write(&t, 1, meta, out, sizeof out);
    CHECK_EQUAL((8 + (out[0] | out[1] << 8)) % 64, 0);
    for (int i = 2; i < 8; i++)
        CHECK_EQUAL(out[i], 0);
}

static void metadata_that_could_not_be_read_again_is_not_written(void)
{
    static const char *const bad[] = {"key\0a\0key\0b\0", "key\0\xFF\0", "k\xC3\0value\0"};
    for (int i = 0; i < 3; i++) {
        CHECK_EQUAL(st_write(NULL, 0, bad[i], NULL, 0), 0);
        CHECK_EQUAL(rnn_error_code(), RNN_E_RANGE);
    }
    char many[257 * 8 + 1] = "", *end = many;
    for (int i = 0; i < 257; i++)
        end += sprintf(end, "k%d", i) + 1, end += sprintf(end, "v") + 1;
    *end = 0;
    CHECK_EQUAL(st_write(NULL, 0, many, NULL, 0), 0);
    char *long_value = calloc(1, ST_MAX_HEADER + 8);
    strcpy(long_value, "key");
    memset(long_value + 4, 'x', ST_MAX_HEADER);
    CHECK_EQUAL(st_write(NULL, 0, long_value, NULL, 0), 0);
    free(long_value);
}

/* ---- length ---- */

static void a_file_shorter_than_its_lengths_is_truncated(void)
{
    memory_file f = file_of("{}", NULL, 0);
    for (size_t size = 0; size < 10; size++) {
        memory_file part = copy_of(f.bytes, size);
        CHECK(st_read(part.bytes, part.size) == NULL);
        CHECK_EQUAL(rnn_error_code(), RNN_E_TRUNCATED);
        free(part.bytes);
    }
    free(f.bytes);
}

static void a_header_length_out_of_range_is_refused(void)
{
    static const uint64_t bad[] = {0, 1, ST_MAX_HEADER + 1, (uint64_t)1 << 31, (uint64_t)1 << 32, (uint64_t)1 << 53,
                                   (uint64_t)1 << 63, UINT64_MAX};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        memory_file f = file_of("{}          ", NULL, 0);
        for (int k = 0; k < 8; k++)
            f.bytes[k] = (unsigned char)(bad[i] >> (8 * k));
        CHECK(st_read(f.bytes, f.size) == NULL);
        CHECK_EQUAL(rnn_error_code(), RNN_E_HEADER);
        free(f.bytes);
    }
}

static void bytes_after_the_last_tensor_are_refused(void)
{
    static const char one[] = "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}";
    CHECK_EQUAL(verdict(one, 2), 0);
    CHECK_EQUAL(verdict(one, 3), RNN_E_TRAILING);
    CHECK_EQUAL(verdict("{}", 1), RNN_E_TRAILING);
    memory_file f = file_of(one, "ab", 2), twice = {malloc(2 * f.size), 2 * f.size};
    memcpy(twice.bytes, f.bytes, f.size);
    memcpy(twice.bytes + f.size, f.bytes, f.size);
    CHECK(st_read(twice.bytes, twice.size) == NULL);
    CHECK_EQUAL(rnn_error_code(), RNN_E_TRAILING);
    free(f.bytes);
    free(twice.bytes);
}

/* ---- JSON ---- */

#define U8_OF(shape) "{\"a\":{\"dtype\":\"U8\",\"shape\":" shape ",\"data_offsets\":[0,2]}}"
#define U8_AT(numbers) "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":" numbers "}}"

static void json_that_safetensors_prescribes_is_read(void)
{
    static const row rows[] = {
        {"{}", 0, 0},
        {" \t\r\n{ } \n", 0, 0},
        {"{\"__metadata__\":{}}", 0, 0},
        {"{\"__metadata__\":{\"a\":\"\",\"b\":\"\\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u0041 \\ud83d\\uDE00 \\u0000\"}}",
         0, 0},
        {U8_AT(" [ 0 , 2 ] "), 2, 0},
        {"{\"a\" : { \"data_offsets\":[0,2], \"shape\":[2], \"dtype\":\"U8\" } }", 2, 0},
        {"{\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[2,3]},"
         "\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}", 3, 0},
        {"{\"\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}", 2, 0},
        {"{\"a\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[0,8]}}", 8, 0},
        {"{\"a\":{\"dtype\":\"I64\",\"shape\":[1,1,1,1],\"data_offsets\":[0,8]}}", 8, 0},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}", 0, 0}};
    CHECK_ROWS(rows);
}

static void escapes_are_the_characters_they_name(void)
{
    memory_file f = file_of("{\"__metadata__\":{\"\\u0041\\n\\\"\":\"\\ud83d\\ude00\\u044f\\/\\u0000\"}}", NULL, 0);
    st_file *file = st_read(f.bytes, f.size);
    /* a NUL would end the string: U+FFFD */
    static const char expected[] = "A\n\"\0\xF0\x9F\x98\x80\xD1\x8F/\xEF\xBF\xBD\0";
    CHECK(file && file->metadata_bytes == sizeof expected && memcmp(file->metadata, expected, sizeof expected) == 0);
    free(file);
    free(f.bytes);
}

static void other_json_is_refused(void)
{
    static const row rows[] = {
        {"  ", 0, RNN_E_HEADER}, {"[]", 0, RNN_E_HEADER}, {"null", 0, RNN_E_HEADER}, {"{", 1, RNN_E_HEADER},
        {"{}}", 0, RNN_E_HEADER}, {"{} {}", 0, RNN_E_HEADER},
        {"{,}", 0, RNN_E_HEADER}, {"{\"a\"}", 0, RNN_E_HEADER}, {"{\"a\":1}", 0, RNN_E_HEADER},
        {"{\"a\":{}}", 0, RNN_E_HEADER}, {"{\"a\":{},}", 0, RNN_E_HEADER},
        {"\xEF\xBB\xBF{}", 0, RNN_E_HEADER}, {"{/**/}", 0, RNN_E_HEADER}, {"{'a':1}", 0, RNN_E_HEADER},
        {"{\"__metadata__\":{\"a\":1}}", 0, RNN_E_HEADER}, {"{\"__metadata__\":[]}", 0, RNN_E_HEADER},
        {"{\"__metadata__\":{\"a\":\"b\",}}", 0, RNN_E_HEADER},
        {"{\"__metadata__\":{\"a\":null}}", 0, RNN_E_HEADER}, {"{\"__metadata__\":{\"\":\"b\"}}", 0, RNN_E_HEADER},
        {"{\"__metadata__\":{\"a\":\"\n\"}}", 0, RNN_E_HEADER}, {"{\"__metadata__\":{\"a\":\"\\x\"}}", 0, RNN_E_HEADER},
        {"{\"__metadata__\":{\"a\":\"\\u12\"}}", 0, RNN_E_HEADER},
        {"{\"__metadata__\":{\"a\":\"\\ud800\"}}", 0, RNN_E_HEADER},
        {"{\"__metadata__\":{\"a\":\"\\udc00\"}}", 0, RNN_E_HEADER},
        {"{\"__metadata__\":{\"a\":\"\\ud800\\u0041\"}}", 0, RNN_E_HEADER},
        {"{\"__metadata__\":{\"a\":\"\\ud800x\"}}", 0, RNN_E_HEADER},
        {"{\"__metadata__\":{\"a\":\"\\ud800xudc00\"}}", 0, RNN_E_HEADER},
        {"{\"__metadata__\":{\"a\":\"\\ud800\\ndc00\"}}", 0, RNN_E_HEADER},
        {"{\"__metadata__\":{\"a\":\"\\ud800\\ue000\"}}", 0, RNN_E_HEADER},
        {"{\"__metadata__\":{\"a\":\"\\ue000\"}}", 0, 0},
        {"{\"__metadata__\":{\"a\":\"\\ud800\\ud800\"}}", 0, RNN_E_HEADER},
        {"{\"__metadata__\":{\"a\":\"\xC3\"}}", 0, RNN_E_HEADER},
        {"{\"__metadata__\":{\"a\":\"\xED\xA0\x80\"}}", 0, RNN_E_HEADER}, {"{\"\xFF\":1}", 0, RNN_E_HEADER},
        {"{\"__metadata__\":{\"a\":\"b", 0, RNN_E_HEADER}, {"{\"__metadata__\":{\"a\":\"b\\", 0, RNN_E_HEADER},
        {"{\"__metadata__\":{\"a\":\"\\ud800\\u", 0, RNN_E_HEADER},
        {"{\"__metadata__\":{\"a\":\"\\ud800\\", 0, RNN_E_HEADER},
        {"{\"__metadata__\":{\"a\":\"\\ud800", 0, RNN_E_HEADER}};
    CHECK_ROWS(rows);
    CHECK_EQUAL(verdict_on("{}\0", 3, 0), RNN_E_HEADER);
    CHECK_EQUAL(verdict_on("{\"a\0\":1}", 8, 0), RNN_E_HEADER);
}

static void keys_given_twice_or_unknown_are_refused(void)
{
    static const row rows[] = {
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},"
         "\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}", 0, RNN_E_HEADER},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},"
         "\"\\u0061\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}", 0, RNN_E_HEADER},
        {"{\"__metadata__\":{},\"__metadata__\":{}}", 0, RNN_E_HEADER},
        {"{\"__metadata__\":{\"a\":\"b\",\"a\":\"c\"}}", 0, RNN_E_HEADER},
        {"{\"__metadata__\":{\"first\":\"one\",\"second\":\"two\",\"second\":\"three\"}}", 0, RNN_E_HEADER},
        {"{\"__metadata__\":{\"first\":\"second\",\"second\":\"first\"}}", 0, 0},
        {"{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}", 2, RNN_E_HEADER},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"shape\":[2],\"data_offsets\":[0,2]}}", 2, RNN_E_HEADER},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2],\"data_offsets\":[0,2]}}", 2, RNN_E_HEADER},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2],\"more\":[0,2]}}", 2, RNN_E_HEADER},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[2]}}", 2, RNN_E_HEADER},
        {"{\"a\":{\"dtype\":\"U8\",\"data_offsets\":[0,2]}}", 2, RNN_E_HEADER},
        {"{\"a\":{\"shape\":[2],\"data_offsets\":[0,2]}}", 2, RNN_E_HEADER},
        {"{\"a\":{\"dtype\":\"U9\",\"shape\":[2],\"data_offsets\":[0,2]}}", 2, RNN_E_HEADER},
        {"{\"a\":{\"dtype\":\"f32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8, RNN_E_HEADER},
        {"{\"a\":{\"dtype\":8,\"shape\":[2],\"data_offsets\":[0,2]}}", 2, RNN_E_HEADER}};
    CHECK_ROWS(rows);
}

static void numbers_are_plain_whole_numbers(void)
{
    static const row rows[] = {
        {U8_AT("[0,2e0]"), 2, RNN_E_HEADER}, {U8_AT("[0,1e9]"), 2, RNN_E_HEADER}, {U8_AT("[0,2.0]"), 2, RNN_E_HEADER},
        {U8_AT("[-0,2]"), 2, RNN_E_HEADER},
        {U8_AT("[-1,2]"), 2, RNN_E_HEADER}, {U8_AT("[0,02]"), 2, RNN_E_HEADER}, {U8_AT("[00,2]"), 2, RNN_E_HEADER},
        {U8_AT("[0,+2]"), 2, RNN_E_HEADER},
        {U8_AT("[0,0x2]"), 2, RNN_E_HEADER}, {U8_AT("[NaN,2]"), 2, RNN_E_HEADER},
        {U8_AT("[0,Infinity]"), 2, RNN_E_HEADER}, {U8_AT("[0,\"2\"]"), 2, RNN_E_HEADER},
        {U8_AT("[0,9007199254740993]"), 2, RNN_E_HEADER}, {U8_AT("[0,18446744073709551616]"), 2, RNN_E_HEADER},
        {U8_AT("[0,18446744073709551618]"), 2, RNN_E_HEADER},
        {U8_AT("[0,100000000000000000000000000000000000000002]"), 2, RNN_E_HEADER},
        {U8_AT("[0]"), 2, RNN_E_HEADER}, {U8_AT("[0,2,3]"), 2, RNN_E_HEADER}, {U8_AT("[0,2,]"), 2, RNN_E_HEADER},
        {U8_AT("[]"), 2, RNN_E_HEADER}, {U8_AT("2"), 2, RNN_E_HEADER},
        {U8_OF("[9007199254740993]"), 2, RNN_E_HEADER}, {U8_OF("[1,1,1,2,x]"), 2, RNN_E_HEADER},
        {U8_OF("[2147483648]"), 2, RNN_E_SHAPE}, {U8_OF("[1,1,1,2,1]"), 2, RNN_E_SHAPE}};
    CHECK_ROWS(rows);
}

static void a_deep_nest_is_refused_without_recursion(void)
{
    enum { DEPTH = 500000 };
    char *deep = malloc(2 * DEPTH + 1);
    memset(deep, '[', 2 * DEPTH);
    CHECK_EQUAL(verdict_on(deep, 2 * DEPTH, 0), RNN_E_HEADER);
    for (int i = 0; i < DEPTH; i++)
        memcpy(deep + 2 * i, "{\"", 2);
    CHECK_EQUAL(verdict_on(deep, 2 * DEPTH, 0), RNN_E_HEADER);
    free(deep);
}

static void a_megabyte_of_spaces_is_read_and_no_more(void)
{
    char *spaces = malloc(ST_MAX_HEADER + 1);
    memset(spaces, ' ', ST_MAX_HEADER + 1);
    spaces[0] = '{';
    spaces[ST_MAX_HEADER - 1] = '}';
    CHECK_EQUAL(verdict_on(spaces, ST_MAX_HEADER, 0), 0);
    CHECK_EQUAL(verdict_on(spaces, ST_MAX_HEADER + 1, 0), RNN_E_HEADER);
    free(spaces);
}

/* `count` entries of `format`, which takes the entry's number; between begin and end. */
static char *entries(const char *begin, const char *format, int count, const char *end)
{
    char *text = malloc(strlen(begin) + (size_t)count * (strlen(format) + 12) + strlen(end) + 1);
    char *at = text + sprintf(text, "%s", begin);
    for (int i = 0; i < count; i++) {
        if (i)
            *at++ = ',';
        for (const char *f = format; *f; f++)
            if (*f == '#')
                at += sprintf(at, "%d", i);
            else
                *at++ = *f;
    }
    strcpy(at, end);
    return text;
}

static void counts_are_limited(void)
{
    static const char tensor[] = "\"#\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}";
    for (int more = 0; more <= 1; more++) {
        char *tensors = entries("{", tensor, ST_MAX_TENSORS + more, "}");
        char *meta = entries("{\"__metadata__\":{", "\"#\":\"\"", ST_MAX_METADATA + more, "}}");
        CHECK_EQUAL(verdict(tensors, 0), more ? RNN_E_HEADER : 0);
        CHECK_EQUAL(verdict(meta, 0), more ? RNN_E_HEADER : 0);
        free(tensors);
        free(meta);
    }
}

/* ---- offsets and shapes ---- */

#define TENSOR(name, shape, offsets) "\"" name "\":{\"dtype\":\"F32\",\"shape\":" shape ",\"data_offsets\":" offsets "}"

static void tensors_fill_the_data_without_hole_or_overlap(void)
{
    static const row rows[] = {
        {"{" TENSOR("a", "[1]", "[0,4]") "," TENSOR("b", "[1]", "[4,8]") "}", 8, 0},
        {"{" TENSOR("a", "[1]", "[0,4]") "," TENSOR("b", "[1]", "[8,12]") "}", 12, RNN_E_OFFSETS},
        {"{" TENSOR("a", "[1]", "[4,8]") "}", 8, RNN_E_OFFSETS},
        {"{" TENSOR("a", "[2]", "[0,8]") "," TENSOR("b", "[1]", "[4,8]") "}", 8, RNN_E_OFFSETS},
        {"{" TENSOR("a", "[1]", "[0,4]") "," TENSOR("b", "[1]", "[0,4]") "}", 4, RNN_E_OFFSETS},
        {"{" TENSOR("a", "[1]", "[4,0]") "}", 4, RNN_E_OFFSETS},
        {"{" TENSOR("a", "[2]", "[0,4]") "}", 4, RNN_E_OFFSETS},
        {"{" TENSOR("a", "[1]", "[0,8]") "}", 8, RNN_E_OFFSETS},
        {"{" TENSOR("a", "[1]", "[9007199254740988,9007199254740992]") "}", 4, RNN_E_OFFSETS},
        {"{" TENSOR("a", "[2]", "[0,8]") "}", 4, RNN_E_TRUNCATED},
        {"{" TENSOR("a", "[250000000000000]", "[0,1000000000000000]") "}", 4, RNN_E_SHAPE},
        {"{" TENSOR("a", "[2147483648]", "[0,4]") "}", 4, RNN_E_SHAPE},
        {"{" TENSOR("a", "[2147483647]", "[0,8589934588]") "}", 4, RNN_E_TRUNCATED},
        {"{" TENSOR("a", "[1,1,1,1,1]", "[0,4]") "}", 4, RNN_E_SHAPE},
        {"{" TENSOR("a", "[65536,65536,65536,65536]", "[0,0]") "}", 0, RNN_E_OFFSETS},
        {"{" TENSOR("a", "[2147483647,2147483647,2147483647,0]", "[0,0]") "}", 0, RNN_E_OFFSETS},
        {"{" TENSOR("a", "[4294967297]", "[0,4]") "}", 4, RNN_E_SHAPE}};
    CHECK_ROWS(rows);
}

/* ---- models from files ---- */

/* A tanh network of 3 tokens and 2 units, a tensor a line; the first %s is a type, the second its bytes. */
static memory_file small_model(const char *type, int bytes, const char *more)
{
    static const struct { const char *name, *shape; int elements; } tensors[] = {
        {"rnn.weight_ih_l0", "[2,3]", 6}, {"rnn.weight_hh_l0", "[2,2]", 4}, {"rnn.bias_ih_l0", "[2]", 2},
        {"rnn.bias_hh_l0", "[2]", 2},     {"fc.weight", "[3,2]", 6},        {"fc.bias", "[3]", 3}};
    char header[1600], *at = header + sprintf(header, "{");
    unsigned char data[200];
    int end = 0;
    for (int i = 0; i < 6; i++) {
        int begin = end;
        end += tensors[i].elements * bytes;
        at += sprintf(at, "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]},", tensors[i].name, type,
                      tensors[i].shape, begin, end);
    }
    sprintf(at - !*more, "%s}", more);
    for (int i = 0; i < (int)sizeof data; i++) /* F16 and BF16 of small finite numbers */
        data[i] = (unsigned char)(i % bytes == bytes - 1 ? (i * 37 % 256 & 0xBF) : i * 11);
    return file_of(header, data, (size_t)end);
}

static double half_to_double(unsigned bits)
{
    int exponent = (int)(bits >> 10 & 31), fraction = (int)(bits & 1023);
    double magnitude = exponent ? ldexp(1024 + fraction, exponent - 25) : ldexp(fraction, -24);
    return bits >> 15 ? -magnitude : magnitude;
}

static void f16_and_bf16_weights_become_the_same_numbers_in_f32(void)
{
    for (int brain = 0; brain <= 1; brain++) {
        memory_file f = small_model(brain ? "BF16" : "F16", 2, "");
        st_file *file = st_read(f.bytes, f.size);
        rnn_model *m = rnn_model_load(f.bytes, f.size, NULL);
        size_t n = 0;
        CHECK(file && m);
        const float *params = m ? rnn_params(m, &n) : NULL;
        for (size_t i = 0; i < n; i++) {
            const unsigned char *p = file->tensors[0].data + 2 * i;
            uint32_t bits = p[0] | (uint32_t)p[1] << 8, word = bits << 16;
            float expected;
            memcpy(&expected, &word, sizeof expected);
            CHECK_EQUAL(params[i], brain ? (double)expected : half_to_double(bits));
        }
        CHECK_EQUAL(n, 23);
        rnn_model_free(m);
        free(file);
        free(f.bytes);
    }
}

/* Every F16: the finite ones load as the number they are, the others are refused. */
static void every_f16_is_right(void)
{
    memory_file f = small_model("F16", 2, "");
    unsigned char *last = f.bytes + f.size - 2;
    for (unsigned bits = 0; bits < 65536; bits++) {
        size_t n;
        last[0] = (unsigned char)bits;
        last[1] = (unsigned char)(bits >> 8);
        rnn_model *m = rnn_model_load(f.bytes, f.size, NULL);
        CHECK_EQUAL(m == NULL, (bits >> 10 & 31) == 31);
        if (m)
            CHECK_EQUAL(rnn_params(m, &n)[22], half_to_double(bits));
        else
            CHECK_EQUAL(rnn_error_code(), RNN_E_VALUE);
        rnn_model_free(m);
    }
    free(f.bytes);
}

static void check_load(memory_file f, int code, const char *why)
{
    rnn_model *m = rnn_model_load(f.bytes, f.size, NULL);
    CHECK_EQUAL(m ? 0 : rnn_error_code(), code);
    if (!m && !strstr(rnn_error(), why))
        printf("\"%s\" does not say \"%s\"\n", rnn_error(), why);
    CHECK(m || strstr(rnn_error(), why));
    rnn_model_free(m);
    free(f.bytes);
}

static void f64_weights_are_rounded_to_f32_and_those_above_it_refused(void)
{
    static const double numbers[] = {1.0 / 3.0, -1e-50, 3.4028235677973362e38, -3.4028235677973362e38, 1e300, NAN};
    memory_file f = small_model("F64", 8, "");
    st_file *file = st_read(f.bytes, f.size);
    unsigned char *data = f.bytes + (st_find(file, "rnn.weight_ih_l0")->data - f.bytes);
    for (size_t i = 0; i < 23; i++)
        memcpy(data + 8 * i, &(double){(double)i + 1.0 / 3.0}, 8);
    for (int i = 0; i < 6; i++) { /* the third and fourth are just what rounds to the greatest float */
        size_t n;
        memcpy(data, &numbers[i], 8);
        rnn_model *m = rnn_model_load(f.bytes, f.size, NULL);
        CHECK_EQUAL(m ? 0 : rnn_error_code(), i < 4 ? 0 : RNN_E_VALUE);
        CHECK(!m || (rnn_params(m, &n)[0] == (float)numbers[i] && rnn_params(m, &n)[22] == (float)(22.0 + 1.0 / 3.0)));
        rnn_model_free(m);
    }
    free(file);
    free(f.bytes);
}

/* Of each type: 3 elements, by their bits. */
static void a_tensor_has_the_bytes_of_its_type(void)
{
    static const struct { const char *name; int bytes; } types[] = {
        {"F64", 8}, {"F32", 4}, {"F16", 2}, {"BF16", 2}, {"I64", 8}, {"I32", 4}, {"I16", 2}, {"I8", 1},
        {"U64", 8}, {"U32", 4}, {"U16", 2}, {"U8", 1}, {"BOOL", 1}, {"F8_E4M3", 1}, {"F8_E5M2", 1}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        for (int more = -1; more <= 1; more++) {
            char header[100];
            int bytes = 3 * types[i].bytes + more;
            snprintf(header, sizeof header, "{\"a\":{\"dtype\":\"%s\",\"shape\":[3],\"data_offsets\":[0,%d]}}",
                     types[i].name, bytes);
            CHECK_EQUAL(verdict(header, (size_t)bytes), more ? RNN_E_OFFSETS : 0);
        }
}

static void tensors_that_are_not_understood_are_refused_by_their_name(void)
{
#define EMPTY(name) "\"" name "\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[92,92]}"
    check_load(small_model("F32", 4, ""), 0, "");
    check_load(small_model("F32", 4, EMPTY("encoder.rnn.weight_hh_l0") "," EMPTY("encoder.fc.weight")), RNN_E_SHAPE,
               "encoder.rnn.weight_hh_l0");
    static const char *const others[] = {"norm.weight", "embed.weight", "conv_fc.weight", "encoder.fc.weight", "",
                                         "rnn", "a prefix of more than thirty-two bytes.rnn.weight_hh_l0",
                                         "golden.loss", "encoder.rnn.weight_hh_l0", "encoder.trainer.m",
                                         "trainer.", "trainer.h_l4", "trainer.mean", "trainer.m.scale", "text"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        char entry[200];
        snprintf(entry, sizeof entry, EMPTY("%s"), others[i]);
        check_load(small_model("F32", 4, entry), RNN_E_SHAPE, others[i]);
    }
    check_load(small_model("F32", 4, "\"ids\":{\"dtype\":\"I64\",\"shape\":[0],\"data_offsets\":[92,92]}"), RNN_E_SHAPE,
               "a tensor ids, which");
    check_load(small_model("F32", 4, EMPTY("rnn.weight_hh_l0_reverse")), RNN_E_SHAPE, "rnn.weight_hh_l0_reverse");
    check_load(small_model("F32", 4, EMPTY("rnn.weight_hr_l0")), RNN_E_SHAPE, "rnn.weight_hr_l0");
    check_load(small_model("F32", 4, EMPTY("fc.2.weight")), RNN_E_SHAPE, "fc.2.weight");
    check_load(small_model("F32", 4, EMPTY("rnn.bias_ih_l1")), RNN_E_SHAPE, "rnn.bias_ih_l1");
    check_load(small_model("F32", 4, EMPTY("fc.weight.scale")), RNN_E_SHAPE, "fc.weight.scale");
}

/* Plain bytes and a training's numbers are no weights; but others than the format's may be anything. */
static void beside_a_network_are_only_tensors_that_the_format_names(void)
{
#define BYTES(name) "\"" name "\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[92,92]}"
    check_load(small_model("F32", 4, BYTES("labels") "," BYTES("text") "," BYTES("held_out") "," BYTES("best")), 0, "");
    check_load(small_model("F32", 4, EMPTY("trainer.m") "," EMPTY("trainer.v") "," BYTES("trainer.updates")), 0, "");
    check_load(small_model("F32", 4, EMPTY("trainer.h_l0") "," EMPTY("trainer.c_l3")), 0, "");
    static const char *const others[] = {"a note", "norm.weight", "fc.note", "vocabulary", "golden.loss", "",
                                         "encoder.vocab", "trainer.old"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        char entry[200];
        snprintf(entry, sizeof entry, BYTES("%s"), others[i]);
        check_load(small_model("F32", 4, entry), RNN_E_SHAPE, others[i]);
    }
}

static void a_name_from_the_file_brings_no_control_characters_into_the_sentence(void)
{
    check_load(small_model("F32", 4, EMPTY("rnn.\\u001b[2J\\n\\u007f\xD1\x8F")), RNN_E_SHAPE, "rnn. [2J  \xD1\x8F");
}

static void a_long_name_is_cut_in_the_sentence(void)
{
    char header[1000];
    snprintf(header, sizeof header, "{\"%0400d\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,3]}}", 0);
    CHECK_EQUAL(verdict(header, 3), RNN_E_OFFSETS);
    CHECK_EQUAL(strlen(rnn_error()), 255);
}

static void metadata_names_versions_and_ids(void)
{
#define META(pairs) "\"__metadata__\":{" pairs "}"
    check_load(small_model("F32", 4, META("\"nextchar.format\":\"1\",\"some\":\"thing\"")), 0, "");
    check_load(small_model("F32", 4, META("\"nextchar.format\":\"2\"")), RNN_E_VERSION, "format 2");
    check_load(small_model("F32", 4, META("\"nextchar.format\":\"\"")), RNN_E_VERSION, "format");
    check_load(small_model("F32", 4, META("\"pad\":\"0\",\"unknown\":\"2\",\"end\":\"1\"")), 0, "");
    check_load(small_model("F32", 4, META("\"pad\":\"3\"")), RNN_E_HEADER, "pad");
    check_load(small_model("F32", 4, META("\"unknown\":\"-1\"")), RNN_E_HEADER, "unknown");
    check_load(small_model("F32", 4, META("\"end\":\"1.0\"")), RNN_E_HEADER, "end");
    check_load(small_model("F32", 4, META("\"end\":\"\"")), RNN_E_HEADER, "end");
    check_load(small_model("F32", 4, META("\"end\":\"4294967297\"")), RNN_E_HEADER, "end");
    check_load(small_model("F32", 4, META("\"end\":\"99999999999999999999999999\"")), RNN_E_HEADER, "end");
}

static void other_kinds_of_files_are_refused(void)
{
    static const char *const others[] = {"<!DOCTYPE html><html></html>", "PK\x03\x04 a PyTorch zip",
                                         "\x80\x02}q\x01(X a pickle", "\x1F\x8B\x08 gzip", "GGUF\x03   ",
                                         "version https://git-lfs.github.com/spec/v1", "{\"json\":1}     ",
                                         "                  "};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        memory_file f = copy_of(others[i], strlen(others[i]));
        check_load(f, RNN_E_HEADER, "safetensors");
    }
}

/* ---- damage ---- */

/* A model of about 2 KB with a vocabulary and metadata, as a file. */
static memory_file two_kilobytes(int quantized)
{
    rnn_model *m = rnn_model_new(RNN_CELL_TANH, 1, 4, 0, 13, 4, 3), *q = quantized ? rnn_model_quantize(m) : NULL;
    rnn_vocab *v = rnn_vocab_build("abcd", 4, RNN_CHARACTERS, 0);
    memory_file f = saved_model(q ? q : m, v, "pad\0" "0\0corpus\0none\0");
    rnn_vocab_free(v);
    rnn_model_free(q);
    rnn_model_free(m);
    return f;
}

/* Loads everything that a file may hold; what loads must also run. Returns whether the model loaded. */
static int survives(memory_file f)
{
    rnn_model *m = rnn_model_load(f.bytes, f.size, NULL);
    rnn_vocab *v = rnn_vocab_load(f.bytes, f.size);
    rnn_state *s = m ? rnn_state_new(m, 1) : NULL;
    if (s) {
        int32_t ids[4], id = rnn_inputs(m) - 1;
        if (v)
            rnn_encode(v, "abcd", 4, ids, NULL, 4);
        CHECK_EQUAL(rnn_step(m, s, &id), 0);
    } else
        CHECK(m || rnn_error_code() < 0);
    rnn_state_free(s);
    rnn_vocab_free(v);
    rnn_model_free(m);
    return m != NULL;
}

static void a_model_cut_at_any_byte_is_refused(void)
{
    for (int quantized = 0; quantized <= 1; quantized++) {
        memory_file f = two_kilobytes(quantized);
        CHECK(survives(f));
        for (size_t size = 0; size < f.size; size++) {
            memory_file part = copy_of(f.bytes, size);
            CHECK(!survives(part));
            free(part.bytes);
        }
        free(f.bytes);
    }
}

static void a_header_with_any_bit_flipped_loads_or_is_refused(void)
{
    for (int quantized = 0; quantized <= 1; quantized++) {
        memory_file f = two_kilobytes(quantized);
        size_t header = 8 + f.bytes[0] + 256U * f.bytes[1], loaded = 0;
        rnn_model *whole = rnn_model_load(f.bytes, f.size, NULL);
        for (size_t bit = 0; bit < 8 * header; bit++) {
            f.bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
            loaded += (size_t)survives(f);
            rnn_model *m = rnn_model_load(f.bytes, f.size, NULL); /* never with other weights */
            CHECK(!m || rnn_fingerprint(m) == rnn_fingerprint(whole));
            rnn_model_free(m);
            f.bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        }
        rnn_model_free(whole);
        CHECK(loaded > 0 && loaded < 2 * header); /* within the metadata's strings, names of other tensors, blanks */
        free(f.bytes);
    }
}

/* A network that writes some of "abcd", with weights on both sides of 1. */
static memory_file with_large_weights(int cell, int quantized)
{
    rnn_model *m = rnn_model_new(cell, 2, 4, 3, 5, 4, 3);
    size_t floats;
    float *params = rnn_params(m, &floats);
    for (size_t i = 0; i < floats; i++)
        params[i] *= 4.0f;
    rnn_pack(m);
    rnn_model *q = quantized ? rnn_model_quantize(m) : NULL;
    rnn_vocab *v = rnn_vocab_build("abcd", 4, RNN_CHARACTERS, 0);
    memory_file f = saved_model(q ? q : m, v, NULL);
    rnn_vocab_free(v);
    rnn_model_free(q);
    rnn_model_free(m);
    return f;
}

/* Whether it writes from probabilities; else an error says that its numbers overflow. */
static int writes(const rnn_model *m)
{
    rnn_state *s = rnn_state_new(m, 1);
    int written = 0;
    for (int32_t id = 0; id < 4; id++) {
        float probs[4] = {0};
        CHECK_EQUAL(rnn_step(m, s, &id), 0);
        int error = rnn_probs(rnn_logits(s), 4, 1.0f, 0, 1.0f, probs);
        CHECK(!error || error == RNN_E_NONFINITE);
        for (int i = 0; i < 4; i++)
            CHECK(probs[i] >= 0.0f && probs[i] <= 1.0f);
        if (!error)
            CHECK_CLOSE(probs[0] + probs[1] + probs[2] + probs[3], 1.0, 1e-6);
        written += !error;
    }
    rnn_state_free(s);
    return written == 4;
}

/* Of float weights just what is no finite number is refused; of int8 a number that its scale makes none, and -128. */
static void weights_with_any_bit_flipped_are_other_weights_or_are_refused(void)
{
    static const int cells[] = {RNN_CELL_TANH, RNN_CELL_GRU, RNN_CELL_LSTM};
    for (int i = 0; i < 6; i++) {
        memory_file f = with_large_weights(cells[i / 2], i % 2);
        size_t header = 8 + f.bytes[0] + 256U * f.bytes[1], vocab = f.size - 8, refused = 0, overflown = 0;
        rnn_model *whole = rnn_model_load(f.bytes, f.size, NULL);
        CHECK(writes(whole));
        for (size_t bit = 8 * header; bit < 8 * vocab; bit++) {
            float number;
            f.bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
            memcpy(&number, f.bytes + header + (bit / 8 - header) / 4 * 4, 4);
            rnn_model *m = rnn_model_load(f.bytes, f.size, NULL);
            CHECK(i % 2 || !m == !isfinite(number));
            if (!m) {
                CHECK_EQUAL(rnn_error_code(), RNN_E_VALUE);
                CHECK(strstr(rnn_error(), "infinite") || (i % 2 && strstr(rnn_error(), "-128")));
            } else
                CHECK(rnn_fingerprint(m) != rnn_fingerprint(whole));
            refused += !m;
            overflown += m && !writes(m);
            rnn_model_free(m);
            f.bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        }
        CHECK(refused > 0 && refused < vocab - header && overflown < vocab - header);
        rnn_model_free(whole);
        free(f.bytes);
    }
}

static void a_vocabulary_with_any_bit_flipped_is_another_one_or_is_refused(void)
{
    memory_file f = with_large_weights(RNN_CELL_TANH, 0);
    rnn_model *whole = rnn_model_load(f.bytes, f.size, NULL);
    int loaded = 0;
    for (size_t bit = 8 * (f.size - 8); bit < 8 * f.size; bit++) {
        rnn_vocab *v;
        f.bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        rnn_model *m = rnn_network_load(f.bytes, f.size, &v);
        if (m) {
            int32_t ids[4];
            CHECK_EQUAL(rnn_encode(v, "abcd", 4, ids, NULL, 4), 4);
            CHECK(ids[0] + ids[1] + ids[2] + ids[3] < 0 + 1 + 2 + 3); /* it lacks one of them */
            CHECK_EQUAL(rnn_fingerprint(m), rnn_fingerprint(whole));
        } else
            CHECK_EQUAL(rnn_error_code(), RNN_E_VOCAB);
        loaded += m != NULL;
        rnn_vocab_free(v);
        rnn_model_free(m);
        f.bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    CHECK(loaded > 0 && loaded < 64);
    rnn_model_free(whole);
    free(f.bytes);
}

/* Writes, swaps and copies a few bytes; with the digits and signs of JSON among what is written. */
static void mutate(memory_file f, uint32_t seed)
{
    static const char likely[] = "0123456789[]{},:\"\\u -FIU8";
    int changes = 1 + (int)(rnn_dice(seed, 0) * 4.0f);
    for (uint32_t i = 1; changes-- > 0; i += 4) {
        size_t reach = rnn_dice(seed, i) < 0.9f && f.size > 1000 ? 1000 : f.size; /* mostly in the header */
        size_t at = (size_t)(rnn_dice(seed, i + 1) * (float)reach);
        size_t from = (size_t)(rnn_dice(seed, i + 2) * (float)reach);
        float kind = rnn_dice(seed, i + 3);
        if (kind < 0.4f)
            f.bytes[at] = (unsigned char)likely[from % (sizeof likely - 1)];
        else if (kind < 0.7f)
            f.bytes[at] = (unsigned char)from;
        else
            memmove(f.bytes + at, f.bytes + from, (at > from ? f.size - at : f.size - from) % 24);
    }
}

static void mutated_models_load_or_are_refused(void)
{
    enum { MUTANTS = 50000 };
    for (int quantized = 0; quantized <= 1; quantized++) {
        memory_file f = two_kilobytes(quantized);
        int loaded = 0;
        for (uint32_t seed = 0; seed < MUTANTS; seed++) {
            memory_file mutant = copy_of(f.bytes, f.size);
            mutate(mutant, seed);
            loaded += survives(mutant);
            free(mutant.bytes);
        }
        CHECK(loaded > MUTANTS / 100 && loaded < MUTANTS / 2);
        free(f.bytes);
    }
}

/* ---- one tensor of bytes more ---- */

static memory_file added(memory_file f, const char *name, const void *data, size_t bytes)
{
    memory_file more = {NULL, rnn_file_add(f.bytes, f.size, name, data, bytes, NULL, 0)};
    more.bytes = calloc(1, more.size + 1);
    CHECK_EQUAL(rnn_file_add(f.bytes, f.size, name, data, bytes, more.bytes, more.size), more.size);
    return more;
}

static void a_tensor_of_bytes_is_added_and_found_and_all_else_stays(void)
{
    static const char header[] = "{\"t\":{\"dtype\":\"I64\",\"shape\":[1,2],\"data_offsets\":[4,20]}, "
                                 "\"__metadata__\": {\"\\u0061\":\"\\/ \\n\"},"
                                 "\"f\":{\"data_offsets\":[0,4],\"shape\":[],\"dtype\":\"F32\"} }  ";
    static const unsigned char data[20] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20};
    memory_file f = file_of(header, data, 20), one = added(f, "te\"xt \xD1\x8F", "some\0bytes", 10);
    memory_file two = added(one, "none", NULL, 0);
    size_t size = 7, length = two.bytes[0] + 256U * two.bytes[1];
    CHECK(memcmp(two.bytes + 8, header, strlen(header) - 3) == 0);
    CHECK_EQUAL((8 + length) % 64, 0);
    CHECK(memcmp(two.bytes + 8 + length, data, 20) == 0);
    const char *found = rnn_file_find(two.bytes, two.size, "te\"xt \xD1\x8F", &size);
    CHECK_EQUAL(size, 10);
    CHECK(found && memcmp(found, "some\0bytes", 10) == 0);
    CHECK(rnn_file_find(two.bytes, two.size, "none", &size) != NULL);
    CHECK_EQUAL(size, 0);
    CHECK(rnn_file_find(two.bytes, two.size, "t", &size) == NULL && rnn_error_code() == RNN_E_SHAPE);
    CHECK(rnn_file_find(two.bytes, two.size, "text", &size) == NULL && rnn_error_code() == RNN_E_SHAPE);
    CHECK(rnn_file_find(two.bytes, two.size - 1, "text", &size) == NULL && rnn_error_code() == RNN_E_TRUNCATED);
    CHECK_EQUAL(size, 0);
    st_file *file = st_read(two.bytes, two.size);
    CHECK(file && file->count == 4 && strcmp(st_value(file->metadata, "a"), "/ \n") == 0);
    CHECK(file && st_value(file->metadata, "b") == NULL);
    free(file);
    free(f.bytes);
    free(one.bytes);
    free(two.bytes);
}

static void a_file_of_nothing_or_of_metadata_takes_a_tensor_too(void)
{
    static const char *const headers[] = {"{}", "{ \n} ", "\t {\t}", "{\"__metadata__\":{}}"};
    for (int i = 0; i < 4; i++) {
        memory_file f = file_of(headers[i], NULL, 0), one = added(f, "a", "b", 1);
        size_t size;
        const char *found = rnn_file_find(one.bytes, one.size, "a", &size);
        CHECK(found && size == 1 && *found == 'b');
        free(f.bytes);
        free(one.bytes);
    }
}

static void check_not_added(memory_file f, const char *name, size_t bytes, int code, const char *words)
{
    CHECK_EQUAL(rnn_file_add(f.bytes, f.size, name, "", bytes, NULL, 0), 0);
    CHECK_EQUAL(rnn_error_code(), code);
    CHECK(strstr(rnn_error(), words) != NULL);
}

static void what_cannot_be_added_is_refused(void)
{
    memory_file f = file_of("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", "b", 1);
    check_not_added(f, "a", 0, RNN_E_RANGE, "the name a already");
    check_not_added(f, "__metadata__", 0, RNN_E_RANGE, "already");
    check_not_added(f, "b\xff", 0, RNN_E_RANGE, "not UTF-8");
    check_not_added(f, "b", (size_t)INT32_MAX + 1, RNN_E_RANGE, "2 GiB");
    check_not_added(f, "b", SIZE_MAX, RNN_E_RANGE, "2 GiB");
    f.size--;
    check_not_added(f, "b", 0, RNN_E_TRUNCATED, "ends within a");
    f.size++;
    char name[16];
    for (int i = 1; i < ST_MAX_TENSORS; i++) {
        snprintf(name, sizeof name, "b%d", i);
        memory_file more = added(f, name, "x", 1);
        free(f.bytes);
        f = more;
    }
    check_not_added(f, "one more", 0, RNN_E_RANGE, "256 tensors");
    free(f.bytes);
    static char spaces[ST_MAX_HEADER - 8 + 1];
    memset(spaces, ' ', sizeof spaces - 1);
    spaces[0] = '{';
    spaces[sizeof spaces - 2] = '}';
    f = file_of_bytes(spaces, sizeof spaces - 1, NULL, 0);
    check_not_added(f, "a", 0, RNN_E_RANGE, "at most 1 MiB");
    free(f.bytes);
    unsigned char small[16] = {0};
    f = file_of("{}", NULL, 0);
    CHECK(rnn_file_add(f.bytes, f.size, "a", "b", 1, small, sizeof small) > sizeof small);
    CHECK_EQUAL(small[0], 0); /* what does not fit is not begun */
    free(f.bytes);
}

/* ---- the sum of a file ---- */

/* FNV-1a, as its authors give it, over all bytes but four. */
static uint32_t sum_without(memory_file f, size_t at)
{
    uint32_t hash = 2166136261U;
    for (size_t i = 0; i < f.size; i++)
        if (i < at || i >= at + 4)
            hash = (hash ^ f.bytes[i]) * 16777619U;
    return hash;
}

/* Where the sum stands in the file; it is the right one. */
static size_t check_sum_at(memory_file f)
{
    size_t size;
    uint32_t sum;
    const unsigned char *found = rnn_file_find(f.bytes, f.size, "trainer.sum", &size);
    CHECK(found && size == 4);
    memcpy(&sum, found, 4);
    CHECK_EQUAL(sum, sum_without(f, (size_t)(found - f.bytes)));
    return (size_t)(found - f.bytes);
}

static void check_damaged(memory_file f)
{
    CHECK(!st_read(f.bytes, f.size) && rnn_error_code() == RNN_E_DAMAGED);
    CHECK_EQUAL(rnn_file_add(f.bytes, f.size, "more", "b", 1, NULL, 0), 0); /* what is damaged gets no right sum */
}

static void a_sum_is_of_all_bytes_also_of_those_that_come_later(void)
{
    static const float numbers[] = {1.0f, 2.0f};
    const st_tensor tensors[] = {{"a", ST_F32, 1, {2}, 0, 0, (const unsigned char *)numbers},
                                 {"trainer.sum", ST_U8, 1, {4}, 0, 0, (const unsigned char *)numbers}};
    memory_file f = {NULL, st_write(tensors, 2, "key\0value\0", NULL, 0)};
    f.bytes = calloc(1, f.size);
    CHECK_EQUAL(st_write(tensors, 2, "key\0value\0", f.bytes, f.size), f.size);
    CHECK_EQUAL(check_sum_at(f), f.size - 4);
    memory_file one = added(f, "text", "abc", 3), two = added(one, "none", NULL, 0);
    CHECK_EQUAL(check_sum_at(one), one.size - 3 - 4);
    CHECK_EQUAL(check_sum_at(two), two.size - 3 - 4);
    for (size_t i = two.size - 15; i < two.size; i++) {
        two.bytes[i] ^= 1;
        check_damaged(two);
        two.bytes[i] ^= 1;
    }
    free(two.bytes);
    free(one.bytes);
    free(f.bytes);
    unsigned char room[128];
    memory_file none = {room, st_write(NULL, 0, NULL, room, sizeof room)};
    st_file *empty = st_read(room, none.size);
    CHECK(empty && empty->count == 0); /* no tensor, and no sum either */
    free(empty);
}

static void a_sum_is_four_bytes_and_right(void)
{
    static const char *const headers[] = {
        "{\"trainer.sum\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}",
        "{\"trainer.sum\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
        "{\"trainer.sum\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]}}"};
    for (int i = 0; i < 3; i++) {
        memory_file f = file_of(headers[i], "\0\0\0", i < 2 ? 4 : 3);
        check_damaged(f);
        size_t at = f.size - (i < 2 ? 4 : 3);
        uint32_t sum = sum_without(f, at);
        memcpy(f.bytes + at, &sum, f.size - at);
        if (i == 0)
            CHECK_EQUAL(check_sum_at(f), at);
        else
            check_damaged(f);
        free(f.bytes);
    }
}

int main(int argc, char **argv)
{
    static const test tests[] = {
        TEST(what_is_written_is_read),
        TEST(a_file_that_does_not_fit_is_not_begun),
        TEST(the_tensors_data_begins_at_a_multiple_of_64_bytes),
        TEST(metadata_that_could_not_be_read_again_is_not_written),
        TEST(a_file_shorter_than_its_lengths_is_truncated),
        TEST(a_header_length_out_of_range_is_refused),
        TEST(bytes_after_the_last_tensor_are_refused),
        TEST(json_that_safetensors_prescribes_is_read),
        TEST(escapes_are_the_characters_they_name),
        TEST(other_json_is_refused),
        TEST(keys_given_twice_or_unknown_are_refused),
        TEST(numbers_are_plain_whole_numbers),
        TEST(a_deep_nest_is_refused_without_recursion),
        TEST(a_megabyte_of_spaces_is_read_and_no_more),
        TEST(counts_are_limited),
        TEST(tensors_fill_the_data_without_hole_or_overlap),
        TEST(f16_and_bf16_weights_become_the_same_numbers_in_f32),
        TEST(every_f16_is_right),
        TEST(f64_weights_are_rounded_to_f32_and_those_above_it_refused),
        TEST(a_tensor_has_the_bytes_of_its_type),
        TEST(tensors_that_are_not_understood_are_refused_by_their_name),
        TEST(beside_a_network_are_only_tensors_that_the_format_names),
        TEST(a_name_from_the_file_brings_no_control_characters_into_the_sentence),
        TEST(a_long_name_is_cut_in_the_sentence),
        TEST(metadata_names_versions_and_ids),
        TEST(other_kinds_of_files_are_refused),
        TEST(a_model_cut_at_any_byte_is_refused),
        TEST(a_header_with_any_bit_flipped_loads_or_is_refused),
        TEST(weights_with_any_bit_flipped_are_other_weights_or_are_refused),
        TEST(a_vocabulary_with_any_bit_flipped_is_another_one_or_is_refused),
        TEST(mutated_models_load_or_are_refused),
        TEST(a_tensor_of_bytes_is_added_and_found_and_all_else_stays),
        TEST(a_file_of_nothing_or_of_metadata_takes_a_tensor_too),
        TEST(a_sum_is_of_all_bytes_also_of_those_that_come_later),
        TEST(a_sum_is_four_bytes_and_right),
        TEST(what_cannot_be_added_is_refused)};
    return RUN(tests);
}

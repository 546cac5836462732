/* SPDX-License-Identifier: MIT
 *
 * words.c - tokens of words by the rules of words.h. Leaf.
 */
#include "words.h"

#include "utf8.h"

#include <string.h>

enum { LONGEST_WORD = 48, LONGEST_RUN = 8, REPLACEMENT = 0xFFFD, NOTHING = 0x110000 };
enum { SIGMA = 0x3A3, FINAL_SIGMA = 0x3C2 };

typedef enum { BLANK, LINE_END, LETTER, DIGIT, IDEOGRAPH, OPENING, CLOSING, OTHER_MARK, NO_CHARACTER } kind;

static int is_of_word(kind k) { return k == LETTER || k == DIGIT; }

static int is_no_mark(kind k) { return is_of_word(k) || k == IDEOGRAPH; }

typedef struct { uint32_t first, last; } range;

static int is_between(uint32_t first, uint32_t point, uint32_t last) { return point >= first && point <= last; }

static int within(const range *ranges, size_t count, uint32_t point)
{
    for (size_t i = 0; i < count; i++)
        if (is_between(ranges[i].first, point, ranges[i].last))
            return 1;
    return 0;
}
#define WITHIN(ranges, point) within(ranges, sizeof(ranges) / sizeof *(ranges), point)

/* Above ASCII all are letters but these. */
static const range blanks[] = {{0x80, 0x84},     {0x86, 0xA0},     {0xAD, 0xAD},     {0x1680, 0x1680},
                               {0x2000, 0x200B}, {0x200E, 0x200F}, {0x202A, 0x202F}, {0x205F, 0x206F},
                               {0x3000, 0x3000}, {0xFEFF, 0xFEFF}};
static const range marks[] = {{0xA1, 0xA9},     {0xAB, 0xB4},     {0xB6, 0xB9},      {0xBB, 0xBF},     {0xD7, 0xD7},
                              {0xF7, 0xF7},     {0x37E, 0x37E},   {0x387, 0x387},    {0x55A, 0x55F},   {0x589, 0x58A},
                              {0x5BE, 0x5BE},   {0x5F3, 0x5F4},   {0x60C, 0x60D},    {0x61B, 0x61F},   {0x66A, 0x66D},
                              {0x6D4, 0x6D4},   {0x964, 0x965},   {0x2010, 0x2027},  {0x2030, 0x205E}, {0x20A0, 0x20CF},
                              {0x2190, 0x2BFF}, {0x2E00, 0x2E7F}, {0x3001, 0x3004},  {0x3008, 0x3020}, {0xFE30, 0xFE6F},
                              {0xFF01, 0xFF0F}, {0xFFFD, 0xFFFD}, {0x1F000, 0x1FAFF}};
static const range ideographs[] = {
    {0x2E80, 0x2FFF}, {0x3005, 0x3007}, {0x3021, 0x9FFF}, {0xF900, 0xFAFF}, {0x20000, 0x3FFFF}};
/* In order. */
static const uint32_t opening[] = {'#', '$', '(', '[', '{', 0xA1, 0xA3, 0xAB, 0xBF, 0x2018, 0x201C, 0x201E, 0x20AC};
static const uint32_t closing[] = {'!',  '%',   ')',   ',',   '.',   ':',   ';',    '?',    ']',   '}',
                                   0xBB, 0x60C, 0x61B, 0x61F, 0x6D4, 0x964, 0x2019, 0x201D, 0x2026};

static int is_among(const uint32_t *points, size_t count, uint32_t point)
{
    for (size_t i = 0; i < count; i++)
        if (points[i] == point)
            return 1;
    return 0;
}

static kind kind_of(uint32_t point)
{
    if (point == NOTHING)
        return NO_CHARACTER;
    if (point == '\n' || point == '\r' || point == 0x85 || point == 0x2028 || point == 0x2029)
        return LINE_END;
    if (point >= '0' && point <= '9')
        return DIGIT;
    if (is_among(opening, sizeof opening / sizeof *opening, point))
        return OPENING;
    if (is_among(closing, sizeof closing / sizeof *closing, point))
        return CLOSING;
    if (point <= ' ' || point == 0x7F || WITHIN(blanks, point))
        return BLANK;
    if (point < 0x80)
        return (point | 0x20) >= 'a' && (point | 0x20) <= 'z' ? LETTER : OTHER_MARK;
    return WITHIN(marks, point) ? OTHER_MARK : WITHIN(ideographs, point) ? IDEOGRAPH : LETTER;
}

/* Capital letters, in order, and how far behind each its small one stands; NEXT: every second is one. */
enum { NEXT = 1 };
static const struct { uint16_t first, last; int16_t to_small; } capitals[] = {
    {'A', 'Z', 32},          {0xC0, 0xD6, 32},      {0xD8, 0xDE, 32},      {0x100, 0x12E, NEXT},
    {0x130, 0x130, 'i' - 0x130}, {0x132, 0x136, NEXT}, {0x139, 0x147, NEXT}, {0x14A, 0x176, NEXT},
    {0x178, 0x178, -121},    {0x179, 0x17D, NEXT},  {0x18F, 0x18F, 202},   {0x1A0, 0x1A4, NEXT},
    {0x1AF, 0x1AF, NEXT},    {0x1CD, 0x1DB, NEXT},  {0x1DE, 0x1EE, NEXT},  {0x1F8, 0x21E, NEXT},
    {0x222, 0x232, NEXT},    {0x386, 0x386, 38},    {0x388, 0x38A, 37},    {0x38C, 0x38C, 64},
    {0x38E, 0x38F, 63},      {0x391, 0x3A1, 32},    {0x3A3, 0x3AB, 32},    {0x400, 0x40F, 80},
    {0x410, 0x42F, 32},      {0x460, 0x480, NEXT},  {0x48A, 0x4BE, NEXT},  {0x4C0, 0x4C0, 15},
    {0x4C1, 0x4CD, NEXT},    {0x4D0, 0x52E, NEXT},  {0x531, 0x556, 48},    {0x1E00, 0x1E94, NEXT},
    {0x1E9E, 0x1E9E, 0xDF - 0x1E9E}, {0x1EA0, 0x1EFE, NEXT}};

static uint32_t small(uint32_t point)
{
    size_t i = 0;
    while (i < sizeof capitals / sizeof *capitals && point > capitals[i].last)
        i++;
    if (i == sizeof capitals / sizeof *capitals || point < capitals[i].first)
        return point;
    int to_small = capitals[i].to_small;
    return to_small == NEXT && (point - capitals[i].first) % 2 ? point : point + (uint32_t)to_small;
}

/* The character at p, and where the next one begins; NOTHING at the end. */
static uint32_t read(const unsigned char *p, const unsigned char *end, const unsigned char **next)
{
    int length = p < end ? utf8_length(p, end) : 0;
    *next = p < end ? p + (length ? length : 1) : p;
    return p >= end ? NOTHING : length ? utf8_decode(p, length) : REPLACEMENT;
}

static kind kind_at(const unsigned char *p, const unsigned char *end)
{
    const unsigned char *next;
    return kind_of(read(p, end, &next));
}

/* Whether a character joins what is before it, a letter or digit, and what is behind it to one word. */
static int joins(kind before, uint32_t point, kind behind)
{
    if (point == '.' || point == ',')
        return before == DIGIT && behind == DIGIT;
    return (point == '\'' || point == 0x2019) && is_of_word(behind);
}

static int read_word(words_reader *r, char *token)
{
    const unsigned char *next;
    int bytes = 0, count = 0;
    kind before = NO_CHARACTER;
    for (; count < LONGEST_WORD; count++, r->rest = next) {
        uint32_t point = read(r->rest, r->end, &next);
        kind k = kind_of(point);
        int is_last = count + 1 == LONGEST_WORD; /* what joins is never the last */
        if (!is_of_word(k) && (is_last || !joins(before, point, kind_at(next, r->end))))
            break;
        if (point == '\'')
            point = 0x2019;
        bytes += utf8_encode(r->folded ? small(point) : point, token + bytes);
        r->last = point;
        before = k;
    }
    if (r->folded && count > 1 && r->last == SIGMA)
        utf8_encode(FINAL_SIGMA, token + bytes - 2);
    return bytes;
}

static int is_bracket(uint32_t point)
{
    static const uint32_t brackets[] = {'"',  '\'', '(',    ')',    '[',    ']',    '{',   '}',
                                        0xAB, 0xBB, 0x2018, 0x2019, 0x201C, 0x201D, 0x201E};
    return is_among(brackets, sizeof brackets / sizeof *brackets, point);
}

/* A mark, as often as it stands there; or an ideograph. */
static int read_run(words_reader *r, uint32_t point, char *token)
{
    const unsigned char *next;
    int bytes = 0, most = is_bracket(point) || kind_of(point) == IDEOGRAPH ? 1 : LONGEST_RUN;
    for (int count = 0; count < most && read(r->rest, r->end, &next) == point; count++, r->rest = next)
        bytes += utf8_encode(point, token + bytes);
    r->last = point;
    return bytes;
}

static void skip_blanks(words_reader *r)
{
    const unsigned char *next;
    for (r->blank = 0; kind_of(read(r->rest, r->end, &next)) == BLANK; r->rest = next)
        r->blank = 1;
}

/* Whether a space parts two tokens: the one that ends with a character, and the one that begins with another. */
static int is_parted(uint32_t last, uint32_t first)
{
    kind left = kind_of(last), right = kind_of(first);
    if (last == first && (left == OPENING || left == CLOSING) && !is_bracket(last))
        return 1; /* else the two were one run */
    return (is_no_mark(left) || left == CLOSING) && (is_no_mark(right) || right == OPENING) &&
           !(left == IDEOGRAPH && right == IDEOGRAPH);
}

/* The blank behind a token's last mark, unless the next token says itself whether there is one. */
static int read_blank(words_reader *r, char *token)
{
    const unsigned char *end = r->rest, *next;
    skip_blanks(r);
    uint32_t point = read(r->rest, r->end, &next);
    kind behind = kind_of(point);
    if (r->blank && behind != OTHER_MARK && behind != CLOSING && behind != LINE_END && !is_parted(r->last, point)) {
        *token = ' ';
        r->last = ' ';
        return 1;
    }
    r->rest = end; /* a text that ends there has the same token */
    return 0;
}

static int read_line_end(words_reader *r, char *token)
{
    const unsigned char *next;
    uint32_t point = read(r->rest, r->end, &next);
    r->rest = next + (point == '\r' && next < r->end && *next == '\n');
    r->last = '\n';
    *token = '\n';
    return 1;
}

/* Any other mark, with a blank in front if one was there, and behind. */
static int read_other(words_reader *r, uint32_t mark, char *token)
{
    int bytes = 0;
    if (r->blank)
        token[bytes++] = ' ';
    bytes += read_run(r, mark, token + bytes);
    return bytes + read_blank(r, token + bytes);
}

/* Closing marks, a word, an opening mark: as many of the three as stand here without a blank between; the first one
 * alone if plain. */
static int read_parts(words_reader *r, uint32_t point, char *token)
{
    const unsigned char *next;
    int bytes = 0;
    if (kind_of(point) == CLOSING) {
        if (!r->plain && r->blank && r->last && r->last != '\n' && !is_parted(r->last, point))
            token[bytes++] = ' ';
        bytes += read_run(r, point, token + bytes);
        point = r->plain ? NOTHING : read(r->rest, r->end, &next);
    }
    kind k = kind_of(point);
    if (is_no_mark(k)) {
        bytes += k == IDEOGRAPH ? read_run(r, point, token + bytes) : read_word(r, token + bytes);
        point = r->plain ? NOTHING : read(r->rest, r->end, &next);
    }
    if (kind_of(point) == OPENING) {
        bytes += read_run(r, point, token + bytes);
        bytes += r->plain ? 0 : read_blank(r, token + bytes);
    }
    return bytes;
}

int words_next(words_reader *r, char *token)
{
    const unsigned char *next;
    int bytes = 0;
    skip_blanks(r);
    uint32_t point = read(r->rest, r->end, &next);
    kind k = kind_of(point);
    if (k == LINE_END)
        bytes = read_line_end(r, token);
    else if (k == OTHER_MARK)
        bytes = read_other(r, point, token);
    else if (k != NO_CHARACTER)
        bytes = read_parts(r, point, token);
    token[bytes] = 0;
    return bytes;
}

/* A token's first character, or its last; NOTHING if it has none. */
static uint32_t character_of(const char *token, int last)
{
    const unsigned char *p = (const unsigned char *)token, *end = p + strlen(token), *next;
    if (last && end > p)
        for (p = end - 1; p > (const unsigned char *)token && (*p & 0xC0) == 0x80;)
            p--;
    return read(p, end, &next);
}

int words_space(const char *before, const char *token)
{
    return is_parted(character_of(before, 1), character_of(token, 0));
}

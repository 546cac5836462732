/* SPDX-License-Identifier: MIT
 *
 * cli_files.c - what the command reads and writes: files, networks, texts as tokens, metadata.
 */
#define _POSIX_C_SOURCE 200809L /* fileno, fstat, isatty */

#include "cli.h"
#include "utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- files ---- */

static const uint64_t most_network = (uint64_t)1 << 34, most_text = 0x7fffffff;

const char *called(const char *path) { return strcmp(path, "-") == 0 ? "standard input" : path; }

/* A device that is empty. */
static int is_null(const struct stat *s)
{
    struct stat null;
    return !stat("/dev/null", &null) && s->st_rdev == null.st_rdev;
}

/* How many bytes there will be, if one can know; a device may have no end. */
static size_t expected_size(FILE *in, const char *path, uint64_t most)
{
    struct stat s;
    if (fstat(fileno(in), &s))
        die("cannot read %s: %s", called(path), strerror(errno));
    if (S_ISBLK(s.st_mode) || (S_ISCHR(s.st_mode) && !isatty(fileno(in)) && !is_null(&s)))
        die("cannot read %s: it is a device, no file", called(path));
    if (!S_ISREG(s.st_mode))
        return 1 << 16;
    if ((uint64_t)s.st_size > most)
        die("%s has %llu bytes; at most %llu are read", called(path), (unsigned long long)s.st_size,
            (unsigned long long)most);
    return (size_t)s.st_size;
}

enum { HEAD = 8 + (1 << 20) }; /* all of the header is in so many bytes of a weights file */

/* look, if there is one, gets the beginning of a file of HEAD bytes or more before memory is asked for the rest. */
static blob read_file(const char *path, uint64_t most, void (*look)(const char *path, const blob *head))
{
    FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    if (!in)
        die("cannot read %s: %s", path, strerror(errno));
    size_t expected = expected_size(in, path, most) + 2; /* a byte more shows that the end came, and the NUL */
    size_t capacity = expected < HEAD + 2 ? expected : HEAD + 2;
    blob b = {allocate(capacity), 0};
    for (size_t n; (n = fread(b.bytes + b.size, 1, capacity - b.size - 1, in)) > 0;) {
        b.size += n;
        if (b.size > most)
            die("%s has more than %llu bytes, the most that are read", called(path), (unsigned long long)most);
        if (look && b.size >= HEAD) {
            look(path, &b);
            look = NULL;
        }
        if (capacity - b.size > 1)
            continue;
        capacity = capacity < expected ? expected : 2 * capacity;
        if (!(b.bytes = realloc(b.bytes, capacity)))
            die("no memory to read %s", called(path));
    }
    if (ferror(in))
        die("cannot read %s: %s", called(path), strerror(errno));
    if (in != stdin)
        fclose(in);
    b.bytes[b.size] = 0;
    return b;
}

blob read_text_raw(const char *path) { return read_file(path, most_text, NULL); }

/* ---- networks ---- */

#define SAVE                                                                                                           \
    "in Python, with scripts/nextchar_notebook.py beside it: from nextchar_notebook import save;"                      \
    " save(\"network.safetensors\", network, vocabulary)"
#define MARK(bytes) bytes, sizeof(bytes) - 1

/* What other files begin with, "?" for any byte; web/core/filetypes.js has the page's table. */
static const struct {
    const char *mark;
    size_t length;
    const char *is;
} kinds[] = {
    {MARK("PK\3\4"), "a zip archive, as PyTorch's .pt and .pth and Keras' .keras are: " SAVE},
    {MARK("\200"), "a Python pickle, as older .pt files of PyTorch are: " SAVE},
    {MARK("\211HDF"), "an HDF5 file, as Keras' .h5 is: " SAVE},
    {MARK("\4\0\0\0\1\0\0\0"), "a Torch7 file: nothing takes its weights, train a network from the same text"},
    {MARK("4\n1\n"), "a Torch7 file: nothing takes its weights, train a network from the same text"},
    {MARK("\10?\22"), "an ONNX model: save the network where it was trained, " SAVE},
    {MARK("GGUF"), "a GGUF file, which holds a transformer"},
    {MARK("\37\213"), "compressed by gzip: unpack it first, with gunzip"},
    {MARK("version https://git-lfs"), "a Git LFS pointer, not the file that it points to: git lfs pull fetches that"},
    {MARK("<"), "a web page, not the file that was meant: was the address right?"},
    {MARK("{"), "JSON, not the weights file that belongs to it; of a model.json of TensorFlow.js tensorflowjs_converter"
                " makes one of Keras, and then, " SAVE}};

static int begins(const blob *file, const char *mark, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (i >= file->size || (mark[i] != '?' && mark[i] != file->bytes[i]))
            return 0;
    return 1;
}

/* Whether the file begins as weights files do, so that the length of its header may look like another kind's mark. */
static int begins_as_weights(const blob *file)
{
    uint64_t length = 0;
    for (size_t i = 8; file->size > 8 && i-- > 0;)
        length = length << 8 | (unsigned char)file->bytes[i];
    return file->size > 8 && length <= file->size - 8 && file->bytes[8] == '{';
}

/* Dies: the file is no network. The library's sentence says why, if no better one is known. */
static void refuse_file(const char *path, const blob *file)
{
    for (size_t i = 0; !begins_as_weights(file) && i < sizeof kinds / sizeof *kinds; i++)
        if (begins(file, kinds[i].mark, kinds[i].length))
            die("%s is no weights file (.safetensors) but %s", path, kinds[i].is);
    int other = rnn_error_code() == RNN_E_SHAPE || rnn_error_code() == RNN_E_VOCAB;
    die("%s: %s%s", path, rnn_error(),
        other ? "; save() of scripts/nextchar_notebook.py writes those of PyTorch and Keras, whatever their names"
              : "");
}

network open_any(blob file, const char *path)
{
    network n = {.file = file};
    int answers = rnn_file_answers(file.bytes, file.size);
    if (answers < 0)
        refuse_file(path, &n.file);
    if (answers) {
        n.pattern = rnn_pattern_load(file.bytes, file.size);
        n.model = n.pattern ? rnn_pattern_model(n.pattern) : NULL;
        n.vocab = n.pattern ? rnn_pattern_vocab(n.pattern) : NULL;
    } else
        n.model = rnn_network_load(file.bytes, file.size, &n.vocab);
    if (!n.model)
        refuse_file(path, &n.file);
    return n;
}

/* Dies if a file's beginning shows that it is no network: its header is there, of its weights some may not be. */
static void look_at_head(const char *path, const blob *head)
{
    rnn_model *m = rnn_model_load(head->bytes, head->size, NULL);
    if (!m && rnn_error_code() != RNN_E_TRUNCATED && rnn_file_answers(head->bytes, head->size) != 1)
        refuse_file(path, head);
    rnn_model_free(m);
}

network load_any(const char *path) { return open_any(read_file(path, most_network, look_at_head), path); }

network load(const char *path)
{
    network n = load_any(path);
    if (n.pattern)
        die("%s answers, and does not write on: ask it with nextchar answer", path);
    return n;
}

blob if_whole(blob file, size_t written)
{
    if (file.bytes && written != file.size) {
        free(file.bytes);
        file.bytes = NULL;
    }
    return file;
}

blob save_network(const rnn_model *m, const rnn_vocab *v, const char *meta)
{
    blob file = {NULL, rnn_model_save(m, v, meta, NULL, 0)};
    file.bytes = file.size ? malloc(file.size) : NULL;
    return if_whole(file, file.bytes ? rnn_model_save(m, v, meta, file.bytes, file.size) : 0);
}

void unload(network *n)
{
    if (n->pattern)
        rnn_pattern_free(n->pattern);
    else {
        rnn_vocab_free(n->vocab);
        rnn_model_free(n->model);
    }
    free(n->file.bytes);
}

/* ---- texts ---- */

/* Whether the file is of another kind than text: bytes that no text has; NUL is in UTF-16. */
static int is_no_text(const blob *file)
{
    size_t controls = 0;
    for (size_t i = 0; i < file->size; i++) {
        unsigned char byte = (unsigned char)file->bytes[i];
        controls += byte && byte < 0x20 && (byte < 0x09 || byte > 0x0d);
    }
    return 200 * controls > file->size;
}

/* Whether it is UTF-8 but for a few bytes, or for a character that is cut at an end. */
static int is_damaged_utf8(const blob *text)
{
    const unsigned char *p = (const unsigned char *)text->bytes, *end = p + text->size;
    size_t bad = 0, several = 0;
    while (p < end) {
        int length = utf8_length(p, end);
        bad += !length;
        several += length > 1;
        p += length ? length : 1;
    }
    return 2 * bad <= several;
}

/* UTF-8 if it is but damaged. Else Russian words have letters above ASCII side by side, French ones do not; the page
 * (web/trainer/encodings.js) knows more encodings. */
static const char *guess_encoding(const blob *text)
{
    if (is_damaged_utf8(text))
        return "UTF-8";
    size_t high = 0, beside = 0, run = 0;
    for (size_t i = 0; i <= text->size; i++) {
        if (i < text->size && (unsigned char)text->bytes[i] >= 0xa8) {
            run++;
            continue;
        }
        high += run;
        beside += run > 1 ? run : 0;
        run = 0;
    }
    return 2 * beside > high ? "WINDOWS-1251" : "WINDOWS-1252";
}

/* Why bytes are no text: what stands at an index, and which encoding they may have instead. what NULL: they are one. */
typedef struct {
    size_t place;
    const char *what, *encoding;
} text_fault;

static text_fault find_fault(const blob *text)
{
    const unsigned char *begin = (const unsigned char *)text->bytes, *end = begin + text->size, *p = begin;
    if (text->size > 1 && ((begin[0] == 0xff && begin[1] == 0xfe) || (begin[0] == 0xfe && begin[1] == 0xff)))
        return (text_fault){0, "the mark of UTF-16", "UTF-16"};
    for (int length; p < end; p += length) {
        length = utf8_length(p, end);
        size_t place = (size_t)(p - begin);
        if (!length)
            return (text_fault){place, "no character", guess_encoding(text)};
        if (!*p)
            return (text_fault){place, "a NUL", place % 2 ? "UTF-16LE" : "UTF-16BE"};
    }
    return (text_fault){0, NULL, NULL};
}

/* What the person may know of the text, and what makes UTF-8 of it then. */
static const char *supposed(text_fault f)
{
    return strcmp(f.encoding, "UTF-8") == 0 ? "UTF-8 but for such bytes" : f.encoding;
}

static const char *leaving_out(text_fault f) { return strcmp(f.encoding, "UTF-8") == 0 ? "-c " : ""; }

/* Of a text that has no name. */
static void advise(text_fault f, char *sentence, size_t room)
{
    snprintf(sentence, room, "not UTF-8: %s at byte %zu. If it is in %s, let iconv %s-f %s -t UTF-8 read it first",
             f.what, f.place + 1, supposed(f), leaving_out(f), f.encoding);
}

/* What a person can do about a text that is not UTF-8. */
static void refuse_bytes(const blob *text, const char *path, text_fault f)
{
    size_t line = 1, place = f.place;
    char advice[256];
    advise(f, advice, sizeof advice);
    if (strcmp(path, "-") == 0)
        die("standard input is %s", advice);
    for (size_t i = 0; i < place; i++)
        line += text->bytes[i] == '\n';
    char *quoted = allocate(4 * strlen(path) + 1), *end = quoted;
    for (const char *p = path; *p; p++)
        end += sprintf(end, *p == '\'' ? "'\\''" : "%c", *p);
    if (strncmp(f.encoding, "UTF-16", 6) != 0 && is_no_text(text))
        die("%s is no text: %s at byte %zu, and control characters", path, f.what, place + 1);
    die("%s is not UTF-8: %s at byte %zu, in line %zu. If it is in %s, this makes UTF-8 of it:\n"
        "  iconv %s-f %s -t UTF-8 -- '%s' >'%s.utf8.txt'",
        path, f.what, place + 1, line, supposed(f), leaving_out(f), f.encoding, quoted, quoted);
}

static void check_encoding(const blob *text, const char *path)
{
    const unsigned char *p = (const unsigned char *)text->bytes, *end = p + text->size;
    text_fault fault = find_fault(text);
    if (fault.what)
        refuse_bytes(text, path, fault);
    size_t characters = 0, controls = 0;
    for (; p < end; characters++) {
        int length = utf8_length(p, end);
        uint32_t c = utf8_decode(p, length);
        controls += c < 0x20 ? c < 0x09 || c > 0x0d : c == 0x7f || c == 0xfffd;
        p += length;
    }
    if (200 * controls > characters)
        die("%s is no text: %zu of its %zu characters are control characters or U+FFFD", path, controls, characters);
}

/* Bytes of a line end at p that is not \n alone: CR LF, CR, U+0085, U+2028, U+2029; 0 if it is none. ending() finds
 * them byte by byte. */
static size_t odd_line_end(const char *p)
{
    if (*p == '\r')
        return p[1] == '\n' ? 2 : 1;
    return strncmp(p, "\302\205", 2) == 0 ? 2 : strncmp(p, "\342\200\250", 3) && strncmp(p, "\342\200\251", 3) ? 0 : 3;
}

/* Bytes of a byte order mark at the beginning of a text. */
static size_t mark_bytes(const char *text) { return strncmp(text, "\357\273\277", 3) == 0 ? 3 : 0; }

int plain_text(blob *text, const char *path)
{
    check_encoding(text, path);
    char *p = text->bytes, *end = p + text->size, *out = p;
    int changed = mark_bytes(p) > 0;
    for (p += mark_bytes(p); p < end;) {
        size_t bytes = odd_line_end(p);
        *out++ = bytes ? '\n' : *p;
        p += bytes ? bytes : 1;
        changed |= bytes > 0;
    }
    *out = 0;
    text->size = (size_t)(out - text->bytes);
    return changed;
}

blob read_text(const char *path)
{
    blob text = read_text_raw(path);
    plain_text(&text, path);
    return text;
}

enum { ROOM_FOR_LINE = LINE_BYTES + 3 }; /* behind a byte order mark */

line_reader read_lines(void)
{
    expected_size(stdin, "-", UINT64_MAX); /* an endless device is refused */
    return (line_reader){.line = allocate(ROOM_FOR_LINE + 1)};
}

/* Bytes of the line end that the bytes read last make, of which the newest is the lowest; 0: they make none. They are
 * \n and those of odd_line_end(). */
static size_t ending(uint32_t last)
{
    uint32_t byte = last & 0xff, three = last & 0xffffff;
    if (byte == '\n' || byte == '\r')
        return 1;
    return (last & 0xffff) == 0xc285 ? 2 : three == 0xe280a8 || three == 0xe280a9 ? 3 : 0;
}

char *next_line(line_reader *r, size_t *bytes)
{
    size_t size = 0, end = 0;
    uint32_t last = 0;
    for (int c; !end && (c = getc(stdin)) != EOF;) {
        int is_rest = c == '\n' && r->is_behind_return;
        r->is_behind_return = c == '\r';
        if (is_rest)
            continue;
        if (size < ROOM_FOR_LINE)
            r->line[size] = (char)c;
        size++;
        last = last << 8 | (uint32_t)c;
        end = ending(last);
    }
    if (ferror(stdin))
        die("cannot read standard input: %s", strerror(errno));
    size_t length = size - end;
    r->line[length < ROOM_FOR_LINE ? length : ROOM_FOR_LINE] = 0;
    size_t mark = r->number ? 0 : mark_bytes(r->line);
    if (size == mark)
        return NULL;
    r->number++;
    *bytes = length - mark;
    return r->line + mark;
}

int is_plain(const char *line, size_t bytes, char *why, size_t room)
{
    text_fault fault = find_fault(&(blob){(char *)(uintptr_t)line, bytes});
    if (fault.what)
        advise(fault, why, room);
    return !fault.what;
}

int fitting_bytes(const char *text, size_t most)
{
    size_t bytes = strlen(text);
    return (int)(bytes > most ? utf8_cut(text, most) : bytes);
}

const char *unit_of(const rnn_vocab *v) { return rnn_vocab_level(v) == RNN_CHARACTERS ? "character" : "token"; }

tokens encode(const rnn_vocab *v, const char *text, size_t bytes)
{
    if (bytes > 0x7fffffff)
        die("a text of %zu bytes; at most 2 GiB", bytes);
    int all = rnn_encode(v, text, bytes, NULL, NULL, 0);
    int32_t unknown = rnn_vocab_unknown(v);
    tokens t = {allocate(sizeof(int32_t) * (size_t)all), 0, 0};
    rnn_encode(v, text, bytes, t.ids, NULL, all);
    for (int i = 0; i < all; i++) {
        t.unknown += t.ids[i] == RNN_NONE || t.ids[i] == unknown;
        if (t.ids[i] != RNN_NONE)
            t.ids[t.count++] = t.ids[i];
    }
    return t;
}

/* ---- metadata ---- */

static void meta_put(metadata *m, const char *text)
{
    size_t length = strlen(text) + 1;
    if (m->used + length + 1 > m->room && !(m->list = realloc(m->list, m->room = 2 * m->room + length + 256)))
        die("no memory for metadata");
    memcpy(m->list + m->used, text, length);
    m->used += length;
    m->list[m->used] = 0;
}

void meta_set(metadata *m, const char *key, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    size_t bytes = (size_t)vsnprintf(NULL, 0, format, args) + 1;
    char *value = allocate(bytes);
    vsnprintf(value, bytes, format, again);
    va_end(again);
    va_end(args);
    if (*value) {
        meta_put(m, key);
        meta_put(m, value);
    }
    free(value);
}

void meta_set_pairs(metadata *m, const pairs *list)
{
    for (int i = 0; i < list->count; i++) {
        char *key = strcpy(allocate(strlen(list->text[i]) + 1), list->text[i]), *value = strchr(key, '=');
        *value = 0;
        meta_set(m, key, "%s", value + 1);
        free(key);
    }
}

const char *value_of(const char *pair) { return pair + strlen(pair) + 1; }
const char *next_pair(const char *pair) { return value_of(pair) + strlen(value_of(pair)) + 1; }

void meta_add(metadata *m, const char *list, const char *but)
{
    for (; list && *list; list = next_pair(list))
        if (!(but && strcmp(list, but) == 0) && !(m->list && meta_get(m->list, list)))
            meta_set(m, list, "%s", value_of(list));
}

const char *meta_get(const char *list, const char *key)
{
    for (; *list; list = next_pair(list))
        if (strcmp(list, key) == 0)
            return value_of(list);
    return NULL;
}

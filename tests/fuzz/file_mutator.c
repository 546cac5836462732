/* SPDX-License-Identifier: MIT
 *
 * file_mutator.c - changes weights files so that what lies behind the first checks is reached too: the header's length
 * is right again after its text was changed, and tensors get other shapes with the offsets and the bytes to them.
 */
#include "fuzz.h"
#include "safetensors.h"

enum { MOST = 1 << 14 };

static unsigned dice;

static unsigned roll(unsigned sides)
{
    dice = dice * 1664525U + 1013904223U;
    return (dice >> 8) % sides;
}

static size_t header_bytes(const uint8_t *data) { return (size_t)data[0] | (size_t)data[1] << 8; }

/* ---- the bytes of a part ---- */

/* The header's text is changed, its length follows. */
static size_t change_header(uint8_t *data, size_t size, size_t room)
{
    static uint8_t header[MOST], tensors[MOST];
    size_t length = header_bytes(data), behind = size - 8 - length;
    memcpy(header, data + 8, length);
    memcpy(tensors, data + 8 + length, behind);
    length = LLVMFuzzerMutate(header, length, room - 8 - behind < 60000 ? room - 8 - behind : 60000);
    data[0] = (uint8_t)length;
    data[1] = (uint8_t)(length >> 8);
    memcpy(data + 8, header, length);
    memcpy(data + 8 + length, tensors, behind);
    return 8 + length + behind;
}

/* A number in the header becomes another one of as many digits, or of one more or less. */
static size_t change_number(uint8_t *data, size_t size, size_t room)
{
    static const char numbers[][12] = {"0", "1", "2", "3", "4", "5", "8", "9", "12", "16", "20", "64", "255", "65536"};
    size_t length = header_bytes(data), begin = 8 + roll((unsigned)length), end = 8 + length, stop;
    while (begin < end && (data[begin] < '0' || data[begin] > '9'))
        begin++;
    for (stop = begin; stop < end && data[stop] >= '0' && data[stop] <= '9';)
        stop++;
    const char *number = numbers[roll(sizeof numbers / sizeof *numbers)];
    size_t digits = strlen(number);
    if (begin == stop || size - (stop - begin) + digits > room)
        return LLVMFuzzerMutate(data, size, room);
    memmove(data + begin + digits, data + stop, size - stop);
    memcpy(data + begin, number, digits);
    length = length - (stop - begin) + digits;
    data[0] = (uint8_t)length;
    data[1] = (uint8_t)(length >> 8);
    return 8 + length + size - stop - (end - stop);
}

static size_t change_tensors(uint8_t *data, size_t size, size_t room)
{
    size_t begin = 8 + header_bytes(data);
    if (begin == size)
        return change_header(data, size, room);
    LLVMFuzzerMutate(data + begin, size - begin, size - begin); /* as long as before, padded with what was there */
    return size;
}

/* ---- the file as a whole ---- */

/* Each dimension that is a multiple of one drawn becomes that multiple of another number: a network of another size. */
static void change_size(st_file *f)
{
    const st_tensor *t = &f->tensors[roll((unsigned)f->count)];
    uint32_t was = t->rank ? t->shape[roll((unsigned)t->rank)] : 0, is = roll(12);
    for (int i = 0; i < f->count && was; i++)
        for (int k = 0; k < f->tensors[i].rank; k++)
            if (f->tensors[i].shape[k] % was == 0)
                f->tensors[i].shape[k] = f->tensors[i].shape[k] / was * is;
}

static void change_one(st_file *f)
{
    static const char *const names[] = {"embedding.weight", "rnn.weight_hh_l1", "fc.bias", "vocab", "text", "held_out",
                                        "trainer.m", "trainer.updates", "rnn.weight_hh_l0.scale", "encoder.fc.bias"};
    st_tensor *t = &f->tensors[roll((unsigned)f->count)];
    switch (roll(5)) {
    case 0: t->type = (st_type)roll(6); break;
    case 1: t->rank = (int)roll(ST_MAX_RANK + 1); break;
    case 2: t->name = names[roll(sizeof names / sizeof *names)]; break;
    case 3: *t = f->tensors[--f->count]; break;
    default: t->shape[roll(ST_MAX_RANK)] = roll(20);
    }
}

/* Written again by the library; the tensors' bytes are those that were there, over and over. */
static size_t change_shapes(uint8_t *data, size_t size, size_t room)
{
    static uint8_t bytes[MOST];
    st_file *f = st_read(data, size);
    size_t begin = 8 + header_bytes(data), have = size - begin, written = 0;
    if (f && f->count && have) {
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = data[begin + i % have];
        (roll(2) ? change_size : change_one)(f);
        size_t wanted = 0;
        for (int i = 0; i < f->count && wanted < sizeof bytes; i++) {
            size_t elements = 8;
            for (int k = 0; k < f->tensors[i].rank; k++)
                elements = f->tensors[i].shape[k] < 5000 ? elements * f->tensors[i].shape[k] : sizeof bytes;
            wanted += elements;
            f->tensors[i].data = bytes + (size_t)(f->tensors[i].data - data) % (sizeof bytes / 2);
        }
        if (wanted < sizeof bytes / 2)
            written = st_write(f->tensors, f->count, f->metadata, data, room);
    }
    free(f);
    return written && written <= room ? written : LLVMFuzzerMutate(data, size, room);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed)
{
    dice = seed;
    if (size < 10 || size > MOST || room > MOST || header_bytes(data) < 2 || header_bytes(data) > size - 8)
        return LLVMFuzzerMutate(data, size, room);
    switch (roll(8)) {
    case 0: return LLVMFuzzerMutate(data, size, room);
    case 1:
    case 2: return change_header(data, size, room);
    case 3: return change_number(data, size, room);
    case 4:
    case 5: return change_tensors(data, size, room);
    default: return change_shapes(data, size, room);
    }
}

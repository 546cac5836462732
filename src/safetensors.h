/* SPDX-License-Identifier: MIT
 *
 * safetensors.h - reads and writes the safetensors format, every byte checked. Knows nothing of networks.
 *
 * A file is: N as u64 little-endian; N bytes of JSON, {"name": {"dtype", "shape", "data_offsets"}, ...,
 * "__metadata__": {string: string}}; then the tensors' bytes, little-endian, row-major, without hole or
 * overlap to the last byte. This reader takes what the reference reader takes, within stricter limits:
 * header <= 1 MiB, <= 256 tensors and metadata entries, rank <= 4, dimensions < 2^31, no key twice, no other
 * keys, none empty in the metadata, no type that came later, and only the shape above: no list for a tensor, no
 * object for a type, no null. tests/fuzz/differential.py holds the two against each other.
 *
 * A file may hold a sum of all its other bytes, those of the header too: the tensor ST_SUM, U8 (4), FNV-1a. What is
 * written here has it right, whoever writes it; a file in which it is wrong is not read. A file without one is as whole
 * as its tensors look.
 */
#ifndef SAFETENSORS_H
#define SAFETENSORS_H

#include <stddef.h>
#include <stdint.h>

#define ST_SUM "trainer.sum"
enum { ST_MAX_HEADER = 1 << 20, ST_MAX_TENSORS = 256, ST_MAX_METADATA = 256, ST_MAX_RANK = 4 };

typedef enum { ST_OTHER, ST_F32, ST_F16, ST_BF16, ST_F64, ST_I8, ST_U8 } st_type; /* ST_OTHER: checked, then ignored */

typedef struct {
    const char *name; /* NUL-terminated */
    st_type type;
    int rank;
    uint32_t shape[ST_MAX_RANK];
    uint64_t begin, end;       /* within the data */
    const unsigned char *data; /* not aligned */
} st_tensor;

typedef struct {
    int count;
    st_tensor tensors[ST_MAX_TENSORS];
    const char *metadata; /* "key", "value", ... each NUL-terminated, closed by an empty key */
    size_t metadata_bytes;
} st_file;

/* The file's tensors, pointing into `bytes`; free with free(). NULL: see rnn_error(). */
st_file *st_read(const void *bytes, size_t size);
const st_tensor *st_find(const st_file *file, const char *name); /* NULL if there is none */

/* The value of a key in a list "key", "value", ...; NULL if it is not there. */
const char *st_value(const char *metadata, const char *key);

/* Bytes of such a list, with the empty key that closes it. */
size_t st_list_bytes(const char *metadata);

/* Bytes of a file of these tensors (name, type, rank, shape, data); writes it to out if room suffices.
 * Tensors are laid out in the order given: those of four-byte elements first keep all aligned. ST_SUM comes last, if at
 * all; its data is not looked at. */
size_t st_write(const st_tensor *tensors, int count, const char *metadata, void *out, size_t room);

#endif

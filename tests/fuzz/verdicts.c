/* SPDX-License-Identifier: MIT
 *
 * verdicts.c - what the header's reader says to each file of a stream, for differential.py. Of each: its size (u32,
 * little-endian) and its bytes come in, a byte goes out: 0, or the error code without its sign.
 */
#include "fuzz.h"
#include "safetensors.h"

int main(void)
{
    unsigned char size[4];
    while (fread(size, 1, sizeof size, stdin) == sizeof size) {
        size_t bytes = size[0] | (size_t)size[1] << 8 | (size_t)size[2] << 16 | (size_t)size[3] << 24;
        void *file = malloc(bytes);
        MUST(fread(file, 1, bytes, stdin) == bytes);
        st_file *f = st_read(file, bytes);
        putchar(f ? 0 : -rnn_error_code());
        free(f);
        free(file);
    }
    return 0;
}

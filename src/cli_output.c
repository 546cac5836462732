/* SPDX-License-Identifier: MIT
 *
 * cli_output.c - what the command writes: standard output, which may fail, and files, where others may stand.
 */
#define _POSIX_C_SOURCE 200809L
#define _XOPEN_SOURCE 700 /* realpath */

#include "cli.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- standard output ---- */

/* A closed pipe and a size limit are errors to tell of, not signals to die from. Where the caller closed 0, 1 or 2, no
 * file of ours may get that number: progress would go into it. What stands there cannot be read or written. */
void begin_output(void)
{
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
}

static void fail_output(void)
{
    die("cannot write to standard output: %s", errno ? strerror(errno) : "not all of it was taken");
}

void flush_output(void)
{
    errno = 0;
    if (fflush(stdout) || ferror(stdout))
        fail_output();
}

void end_output(void)
{
    int failed = ferror(stdout);
    errno = 0;
    if (fclose(stdout) || failed)
        fail_output();
}

int control_at(const char *text, const char *end, unsigned *point)
{
    const unsigned char *p = (const unsigned char *)text;
    *point = p[0];
    if (p[0] < 0x20 || p[0] == 0x7f)
        return p[0] != '\t' && p[0] != '\n';
    if (p[0] == 0xc2 && end - text > 1 && p[1] >= 0x80 && p[1] < 0xa0) {
        *point = p[1];
        return 2;
    }
    if (p[0] != 0xe2 || end - text < 3 || p[1] >> 6 != 2 || p[2] >> 6 != 2)
        return 0;
    *point = 0x2000U + (p[1] & 0x3fU) * 64 + (p[2] & 0x3fU);
    return (*point >= 0x202a && *point <= 0x202e) || (*point >= 0x2066 && *point <= 0x2069) ? 3 : 0;
}

void print_text(FILE *out, const char *text, size_t bytes)
{
    const char *end = text + bytes;
    int terminal = isatty(fileno(out)), length;
    unsigned point;
    for (; text < end; text += length ? length : 1) {
        length = terminal ? control_at(text, end, &point) : 0;
        if (length)
            fprintf(out, "\\u%04x", point);
        else
            putc(*text, out);
    }
}

void print_string(const char *text) { print_text(stdout, text, strlen(text)); }

/* Controls of every kind are escaped: a terminal may be what shows it. */
void print_json_string(const char *text)
{
    unsigned point;
    const char *end = text + strlen(text);
    putchar('"');
    for (int length; *text; text += length ? length : 1) {
        length = control_at(text, end, &point);
        if (length || strchr("\n\t", *text))
            printf("\\u%04x", point);
        else if (strchr("\"\\", *text))
            printf("\\%c", *text);
        else
            putchar(*text);
    }
    putchar('"');
}

/* ---- which file a path is ---- */

/* Where the name of a file begins in its path. */
static size_t name_at(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash + 1 - path) : 0;
}

/* What is written when a training ends must not need memory that is no longer there: paths stand on the stack. */
typedef struct {
    char text[PATH_MAX + 32]; /* with what a file beside it has behind its name */
} room_for_path;

/* path's first bytes, or all; what is longer than any path is cut, and no file is found by it. */
static room_for_path path_of(const char *path, size_t bytes)
{
    room_for_path copy;
    size_t length = strnlen(path, bytes < PATH_MAX ? bytes : PATH_MAX);
    memcpy(copy.text, path, length);
    copy.text[length] = 0;
    return copy;
}

static room_for_path folder_of(const char *path)
{
    size_t bytes = name_at(path);
    return bytes ? path_of(path, bytes) : path_of(".", 1);
}

static int find(const char *path, struct stat *s) { return strcmp(path, "-") == 0 ? fstat(0, s) : stat(path, s); }

static int find_folder(const char *path, struct stat *s)
{
    return stat(folder_of(path).text, s);
}

/* Of files that are not there yet, folder and name tell. */
static int same_file(const char *a, const char *b)
{
    struct stat x, y;
    int a_is_there = !find(a, &x), b_is_there = !find(b, &y);
    if (a_is_there != b_is_there)
        return 0;
    if (!a_is_there && (strcmp(a + name_at(a), b + name_at(b)) != 0 || find_folder(a, &x) || find_folder(b, &y)))
        return 0;
    return x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

void refuse_same(const char *output_name, const char *output, const char *read_name, const char *read)
{
    if (read && same_file(output, read))
        misuse("%s %s and %s %s are one file: one would overwrite the other", output_name, output, read_name, read);
}

int is_present(const char *path)
{
    struct stat s;
    return lstat(path, &s) == 0; /* a link that leads nowhere too */
}

void refuse_present(const char *output, int forced)
{
    struct stat s;
    if (!*output || strcmp(output, "-") == 0) /* where it is read, - is standard input */
        misuse("a file to write needs a name; write ./- for a file that is called so");
    if (!is_present(output))
        return;
    if (!stat(output, &s) && !S_ISREG(s.st_mode))
        die("cannot write %s: %s", output, S_ISDIR(s.st_mode) ? strerror(EISDIR) : "it is a device or a pipe, no file");
    if (!forced)
        misuse("%s is there already: take another name, or write over it with --force", output);
}

/* The file that a path leads to: a symbolic link to a file stays one. */
static room_for_path target_of(const char *path)
{
    room_for_path target;
    return realpath(path, target.text) ? target : path_of(path, PATH_MAX);
}

/* ---- locks ---- */

/* An empty file of this name lies beside what a training writes; the lock on it ends with the process, however it
 * ends. The name is as long as that of a file that is not yet whole: what has room for the one has it for the other. */
static const char lock_suffix[] = ".locked", unfinished[] = ".~"; /* and five digits */
enum { MOST_LOCKS = 2 };
static struct {
    char *name;
    int fd;
} locks[MOST_LOCKS];
static int lock_count;

static int is_there(const char *name, int fd)
{
    struct stat named, opened;
    return !stat(name, &named) && !fstat(fd, &opened) && named.st_dev == opened.st_dev && named.st_ino == opened.st_ino;
}

/* Another file that has come in a lock's place stays. */
static void remove_locks(void)
{
    for (; lock_count; lock_count--)
        if (is_there(locks[lock_count - 1].name, locks[lock_count - 1].fd))
            remove(locks[lock_count - 1].name);
}

/* The open and locked file; whoever ended meanwhile has removed it, and another one is made. Some file systems say of
 * one file that it is two: after some tries it is taken. */
static int lock_file(const char *name, const char *path)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    for (int tried = 1;; tried++) {
        int fd = open(name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
        if (fd < 0)
            die("cannot write %s: %s", path, strerror(errno));
        if (fcntl(fd, F_SETLK, &whole) && (errno == EACCES || errno == EAGAIN)) /* some file systems know no locks */
            die("another training is writing %s", path);
        if (is_there(name, fd) || tried == 100)
            return fd;
        close(fd);
    }
}

/* Whether a file has a name as open_beside gives it, beside a target of the other name. No other program gives such. */
static int is_unfinished(const char *name, const char *target)
{
    size_t bytes = strlen(target);
    return strncmp(name, target, bytes) == 0 && strncmp(name + bytes, unfinished, 2) == 0 &&
           strspn(name + bytes + 2, "0123456789abcdef") == 5 && !name[bytes + 7];
}

static void remove_unfinished(const char *target)
{
    size_t folder_bytes = name_at(target);
    room_for_path path = folder_of(target);
    DIR *folder = opendir(path.text);
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        if (is_unfinished(entry->d_name, target + folder_bytes)) {
            snprintf(path.text, sizeof path.text, "%.*s%s", (int)folder_bytes, target, entry->d_name);
            unlink(path.text);
        }
    if (folder)
        closedir(folder);
}

void lock_output(const char *path, const char *other)
{
    room_for_path target = target_of(path);
    char *name = join(target.text, lock_suffix);
    struct stat s;
    int is_left = !lstat(name, &s);
    if (same_file(other, name) || (is_left && (!S_ISREG(s.st_mode) || s.st_size)))
        die("%s is in the way: its name is that of a lock on %s", name, path);
    if (!lock_count)
        atexit(remove_locks);
    locks[lock_count].name = name;
    locks[lock_count++].fd = lock_file(name, path);
    if (is_left) /* by a training that was killed, perhaps as it wrote */
        remove_unfinished(target.text);
}

/* ---- writing a file ---- */

/* A new file beside the target, by a name that no other has; beside gets the name. */
static int open_beside(const char *target, room_for_path *beside)
{
    for (unsigned number = (unsigned)getpid();; number++) {
        snprintf(beside->text, sizeof beside->text, "%.*s%s%05x", PATH_MAX, target, unfinished,
                 number & 0xfffffU);
        int fd = open(beside->text, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
}

static int write_all(int fd, blob file)
{
    for (size_t at = 0; at < file.size;) {
        ssize_t taken = write(fd, file.bytes + at, file.size - at);
        if (taken < 0)
            return errno;
        at += (size_t)taken;
    }
    return fsync(fd) && errno != EINVAL ? errno : 0; /* EINVAL: this file system has no such thing */
}

/* A rename lasts when its folder does. What cannot be done for that is no failure: the file is whole. */
static void sync_folder(const char *target)
{
    int fd = open(folder_of(target).text, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
}

/* A link, unlike a rename, never takes the place of a file; but not every file system has it. */
static int put_in_place(const char *beside, const char *target, int replaces)
{
    struct stat s;
    if (!replaces && !link(beside, target)) {
        remove(beside); /* if it cannot be, the file is whole all the same */
        return 0;
    }
    if (!replaces && (errno == EEXIST || !lstat(target, &s)))
        return EEXIST;
    return rename(beside, target) ? errno : 0;
}

static int write_target(const char *target, blob file, int replaces)
{
    room_for_path beside;
    struct stat before;
    int fd = open_beside(target, &beside);
    if (fd >= 0 && replaces && !stat(target, &before))
        (void)!fchmod(fd, before.st_mode & 0777); /* it stays readable for those alone for whom it was */
    int failed = fd < 0 ? errno : write_all(fd, file);
    if (fd >= 0 && close(fd) && !failed)
        failed = errno;
    if (!failed)
        failed = put_in_place(beside.text, target, replaces);
    if (failed && fd >= 0)
        remove(beside.text);
    if (!failed)
        sync_folder(target);
    return failed;
}

/* Ctrl-C waits until the file is whole or gone. */
int write_file(const char *path, blob file, int replaces)
{
    room_for_path target = target_of(path);
    sigset_t ends, before;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGHUP);
    sigaddset(&ends, SIGXCPU);
    sigprocmask(SIG_BLOCK, &ends, &before);
    int failed = write_target(target.text, file, replaces);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return failed;
}

enum { TRIES = 3 }; /* a second apart: a disk may be full for a moment only */

static int write_again(const char *path, blob file, int replaces)
{
    int failed = write_file(path, file, replaces);
    for (int tried = 1; failed && failed != EEXIST && tried < TRIES; tried++) {
        sleep(1);
        failed = write_file(path, file, replaces);
    }
    return failed;
}

/* path's file by a name of its own in another folder; folder NULL or "": there is none. Returns 0 if it was written. */
static int write_in(const char *folder, const char *path, blob file)
{
    if (!folder || !*folder)
        return 1;
    const char *name = path + name_at(path), *slash = folder[strlen(folder) - 1] == '/' ? "" : "/";
    room_for_path other;
    int length = snprintf(other.text, PATH_MAX, "%s%ssaved-%ld-%.*s", folder, slash, (long)getpid(),
                          fitting_bytes(name, 200), name);
    int failed = length < PATH_MAX ? write_file(other.text, file, 0) : ENAMETOOLONG;
    if (!failed)
        warn("wrote %s instead", other.text);
    return failed;
}

int write_somewhere(const char *path, blob file, int replaces, const char *beside)
{
    int failed = write_again(path, file, replaces);
    if (!failed)
        return 0;
    warn("cannot write %s: %s", path, strerror(failed));
    room_for_path own = folder_of(path), other = folder_of(beside);
    const char *const folders[] = {own.text, other.text, getenv("TMPDIR"), "/tmp", getenv("HOME"), "."};
    size_t tried = 0, all = sizeof folders / sizeof *folders;
    while (tried < all && write_in(folders[tried], path, file))
        tried++;
    if (tried == all)
        warn("nor is there room in another folder");
    return failed;
}

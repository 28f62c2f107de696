/* Preloaded into the server: what a disk would still hold after a power cut, and a disk that is full.
 *
 * SIGKILL alone says nothing of durability, because what was written stays in the kernel's page cache. So this keeps,
 * beside the files, what POSIX promises to survive, in its strictest reading: fsync or fdatasync of a file makes its
 * bytes durable, fsync of a folder makes the names in it durable, and everything else is lost.
 *
 *   CUT_LIVE    the folder that is watched
 *   CUT_SHADOW  where that is kept (unset: nothing is):
 *               bytes/INODE  the bytes of a file at its last sync
 *               names/INODE  the names in a folder at its last sync, a line each: "f INODE NAME" or "d INODE NAME"
 *   CUT_FULL    while this file exists, every write below CUT_LIVE fails with ENOSPC
 *
 * INODE is the inode's number and its time of birth: numbers are used again.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))real(#name))

static char live[PATH_MAX], shadow[PATH_MAX], full[PATH_MAX];
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

static void *real(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    if (found == NULL) abort();
    return found;
}

/* A shadow with a hole in it would make the test lie, so the process ends instead. */
static void broken(const char *what) {
    dprintf(STDERR_FILENO, "powercut: %s: %s\n", what, strerror(errno));
    abort();
}

__attribute__((constructor)) static void begin(void) {
    const char *given = getenv("CUT_LIVE");
    if (given == NULL || realpath(given, live) == NULL) live[0] = '\0';
    if ((given = getenv("CUT_SHADOW")) != NULL) snprintf(shadow, sizeof shadow, "%s", given);
    if ((given = getenv("CUT_FULL")) != NULL) snprintf(full, sizeof full, "%s", given);
}

static int watched(int fd) {
    char link[64], path[PATH_MAX];
    size_t length = strlen(live);
    if (length == 0) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t got = readlink(link, path, sizeof path - 1);
    if (got < (ssize_t)length || memcmp(path, live, length) != 0) return 0;
    return got == (ssize_t)length || path[length] == '/';
}

/* Writes the inode's name into *key* and returns its kind: 'f', 'd', 0 for anything else, -1 when it is gone. */
static int inode(int at, const char *name, char key[64]) {
    struct statx found;
    int flags = AT_SYMLINK_NOFOLLOW | (*name ? 0 : AT_EMPTY_PATH);
    if (statx(at, name, flags, STATX_TYPE | STATX_INO | STATX_BTIME, &found) != 0) return -1;
    snprintf(key, 64, "%llu.%lld.%u", (unsigned long long)found.stx_ino, (long long)found.stx_btime.tv_sec,
             found.stx_btime.tv_nsec);
    return S_ISREG(found.stx_mode) ? 'f' : S_ISDIR(found.stx_mode) ? 'd' : 0;
}

static void copy_bytes(int from, int to) {
    off_t at = 0;
    ssize_t got;
    while ((got = sendfile(to, from, &at, 1 << 20)) > 0) continue;
    if (got < 0) broken("the bytes cannot be copied");
}

/* Through the same descriptor wherever it can be read: closing another one of the same file would drop SQLite's locks. */
static void keep_bytes(int fd, int to) {
    if ((fcntl(fd, F_GETFL) & O_ACCMODE) != O_WRONLY) {
        copy_bytes(fd, to);
        return;
    }
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    int from = open(link, O_RDONLY | O_CLOEXEC);
    if (from < 0) broken("the file cannot be read");
    copy_bytes(from, to);
    close(from);
}

static void keep_names(int fd, int to) {
    DIR *folder = fdopendir(openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder == NULL) broken("the folder cannot be read");
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char key[64];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        int kind = inode(dirfd(folder), entry->d_name, key);
        if (kind > 0 && dprintf(to, "%c %s %s\n", kind, key, entry->d_name) < 0) broken("a name cannot be kept");
    }
    closedir(folder);
}

/* What is there before the call is what the call makes durable; it counts once the call has succeeded. */
static int synced(int (*sync)(int), int fd) {
    char key[64], kept[PATH_MAX + 96], fresh[PATH_MAX + 100];
    int kind = shadow[0] && watched(fd) ? inode(fd, "", key) : 0;
    if (kind <= 0) return sync(fd);
    pthread_mutex_lock(&turn);
    snprintf(kept, sizeof kept, "%s/%s/%s", shadow, kind == 'd' ? "names" : "bytes", key);
    snprintf(fresh, sizeof fresh, "%s~", kept);
    int to = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (to < 0) broken(fresh);
    kind == 'd' ? keep_names(fd, to) : keep_bytes(fd, to);
    close(to);
    int result = sync(fd), error = errno;
    if ((result == 0 ? rename(fresh, kept) : unlink(fresh)) != 0) broken(kept);
    pthread_mutex_unlock(&turn);
    errno = error;
    return result;
}

int fsync(int fd) { return synced(REAL(fsync), fd); }
int fdatasync(int fd) { return synced(REAL(fdatasync), fd); }

static int no_room(int fd) {
    if (full[0] == '\0' || access(full, F_OK) != 0 || !watched(fd)) return 0;
    errno = ENOSPC;
    return 1;
}

ssize_t write(int fd, const void *bytes, size_t size) {
    return no_room(fd) ? -1 : REAL(write)(fd, bytes, size);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at) {
    return no_room(fd) ? -1 : REAL(pwrite)(fd, bytes, size, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t at) {
    return no_room(fd) ? -1 : REAL(pwrite64)(fd, bytes, size, at);
}

ssize_t writev(int fd, const struct iovec *pieces, int many) {
    return no_room(fd) ? -1 : REAL(writev)(fd, pieces, many);
}

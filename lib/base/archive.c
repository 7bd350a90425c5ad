/* The archive is read up to three times: first the names, kinds and sizes of all entries are judged, which
 * costs a look at its directory; then files and folders are written; then, where there are any, links, so
 * that nothing is ever written through one. What an entry really unpacks to is counted as it is written,
 * since sizes may lie.
 *
 * Only libarchive's reader of the directory at the end is used. The other one, which goes from entry to
 * entry, would find a half of an archive that is cut off, and other names than programs that read the
 * directory.
 *
 * libarchive gives names in the character set of the locale, and a program starts in "C", which has none but
 * ASCII. So its calls are made under a UTF-8 locale, of this thread alone; with that, it also composes names
 * (NFC), by which two names that differ only in this become the same. */
#include "lib/base/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wctype.h>
#ifdef __APPLE__
#include <xlocale.h>
#endif

#include "lib/base/buf.h"
#include "lib/base/file.h"
#include "lib/base/path.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"

enum {
	BLOCK = 64 << 10,
	TAIL = 16 << 10, /* where libarchive looks for the end of the directory */
	END_SIZE = 22,   /* APPNOTE.TXT, 4.3.16: the end of central directory record */
	END_COUNT = 10,  /* where it has the number of entries, two bytes */
};

struct entry {
	const char *path; /* without a final '/' */
	bool folder;
};

struct reader {
	struct dl_scope *keep; /* what outlives an entry */
	int fd;
	int folder;
	int64_t size;     /* of the archive */
	int64_t budget;   /* bytes that it may still unpack to */
	int64_t taken;    /* bytes that were read before the first entry, which is the directory */
	bool open;        /* the first entry has been reached */
	size_t seen;      /* entries of this pass */
	struct entry *entries;
	size_t count, room, names; /* names: their bytes */
	bool links;       /* there are some */
	bool tar;         /* and compressed by gzip; else it is zip */
	struct dl_archive_member *members; /* that are looked for; what they hold goes to .found */
	size_t member_count;
	struct dl_scope *found;
	char *block;
	char *input;
};

static int refuse(struct dl_scope *scope, const char *path, const char *why)
{
	return dl_fail(scope, DL_DATA, "'%s' %s", dl_text_quote(&scope->arena, path), why);
}

/* ---- what libarchive calls ---- */

static la_ssize_t read_block(struct archive *archive, void *data, const void **block)
{
	struct reader *reader = data;
	ssize_t count;

	do
		count = read(reader->fd, reader->input, BLOCK);
	while (count < 0 && errno == EINTR);
	if (count < 0)
		archive_set_error(archive, errno, "%s", strerror(errno));
	else if (!reader->open && (reader->taken += count) > DL_ARCHIVE_DIRECTORY) {
		archive_set_error(archive, EFBIG, "its directory is larger than %d bytes",
				  DL_ARCHIVE_DIRECTORY);
		count = -1;
	}
	*block = reader->input;
	return count < 0 ? ARCHIVE_FATAL : count;
}

static la_int64_t seek_to(struct archive *archive, void *data, la_int64_t offset, int whence)
{
	off_t position = lseek(((struct reader *)data)->fd, offset, whence);

	if (position < 0)
		archive_set_error(archive, errno, "%s", strerror(errno));
	return position < 0 ? ARCHIVE_FATAL : position;
}

/* ---- one pass ---- */

/* libarchive's words for what is wrong, about the entry PATH or, NULL, the whole. */
static int fail_reading(struct dl_scope *scope, struct archive *archive, const char *path)
{
	const char *words = archive_error_string(archive);

	words = dl_text_quote(&scope->arena, words ? words : "it cannot be read");
	return path ? dl_fail(scope, DL_DATA, "'%s': %s", dl_text_quote(&scope->arena, path), words)
		    : dl_fail(scope, DL_DATA, "%s", words);
}

static struct archive *open_archive(struct dl_scope *scope, struct reader *reader)
{
	struct archive *archive = archive_read_new();

	DL_BUG_IF(!archive);
	reader->taken = 0;
	reader->open = false;
	reader->seen = 0;
	if (reader->tar) {
		archive_read_support_format_tar(archive);
		archive_read_support_filter_gzip(archive);
		archive_read_set_format_option(archive, "tar", "hdrcharset", "UTF-8");
		archive_read_set_format_option(archive, "tar", "mac-ext", NULL);
	} else {
		archive_read_support_format_zip_seekable(archive);
	}
	/* Names that are not marked as UTF-8 are taken for it all the same; files called "._name" are files.
	 */
	archive_read_set_format_option(archive, "zip", "hdrcharset", "UTF-8");
	archive_read_set_format_option(archive, "zip", "mac-ext", NULL);
	archive_read_set_read_callback(archive, read_block);
	if (!reader->tar)
		archive_read_set_seek_callback(archive, seek_to);
	archive_read_set_callback_data(archive, reader);
	if (lseek(reader->fd, 0, SEEK_SET) == 0 && archive_read_open1(archive) == ARCHIVE_OK)
		return archive;
	fail_reading(scope, archive, NULL);
	archive_read_free(archive);
	return NULL;
}

/* The path of an entry without a final '/' and "./" before it, in SCOPE; "" for the top folder itself. */
static const char *entry_path(struct dl_scope *scope, struct archive_entry *entry)
{
	const char *path = archive_entry_pathname(entry);
	size_t len;

	while (dl_text_starts(path, "./"))
		path += 2;
	len = path ? strlen(path) : 0;
	if (len && path[len - 1] == '/' && archive_entry_filetype(entry) == AE_IFDIR)
		len--;
	return path ? dl_arena_copy(&scope->arena, path, len) : NULL;
}

/* Goes to the next entry. 1 with its PATH (in SCOPE), 0 at the end, -1. What libarchive merely warns of is
 * something that two readers may read differently. */
static int next_entry(struct dl_scope *scope, struct reader *reader, struct archive *archive,
		      struct archive_entry *entry)
{
	int result = archive_read_next_header2(archive, entry);

	if (result == ARCHIVE_EOF)
		return 0;
	reader->open = true;
	if (result != ARCHIVE_OK)
		return fail_reading(scope, archive, archive_entry_pathname(entry));
	if (++reader->seen > DL_ARCHIVE_ENTRIES)
		return dl_fail(scope, DL_DATA, "it has more than %d entries", DL_ARCHIVE_ENTRIES);
	return 1;
}

/* Calls VISIT for every entry, with a path that is safe; each has a scope of its own. */
static int each_entry(struct dl_scope *scope, struct reader *reader,
		      int (*visit)(struct dl_scope *scope, struct reader *reader, struct archive *archive,
				   struct archive_entry *entry, const char *path))
{
	struct archive *archive = open_archive(scope, reader);
	struct archive_entry *entry;
	struct dl_scope step;
	const char *path;
	int result = 1;

	if (!archive)
		return -1;
	entry = archive_entry_new2(archive);
	while (result > 0) {
		dl_scope_open(&step, scope);
		result = next_entry(&step, reader, archive, entry);
		path = result > 0 ? entry_path(&step, entry) : NULL;
		if (result > 0 && !path)
			result = dl_fail(&step, DL_DATA, "an entry has no name");
		else if (path && *path &&
			 (dl_path_check(&step, path) || visit(&step, reader, archive, entry, path)))
			result = -1;
		dl_scope_close(&step);
	}
	archive_entry_free(entry);
	archive_read_free(archive);
	return result;
}

/* ---- judging ---- */

/* How many folders PATH stands in. */
static size_t depth(const char *path)
{
	size_t count = 0;

	while ((path = strchr(path, '/'))) {
		count++;
		path++;
	}
	return count;
}

/* A link may go up as far as the top, and then down by names: whatever links it meets on that way have been
 * judged the same, so it ends within. */
static int judge_link(struct dl_scope *scope, const char *path, const char *target)
{
	size_t up = 0;

	if (!target || !*target)
		return refuse(scope, path, "is a symbolic link to nowhere");
	for (;; target += strspn(target, "/")) {
		if (dl_text_starts(target, "../") || strcmp(target, "..") == 0) {
			target += 2;
			up++;
		} else if (dl_text_starts(target, "./") || strcmp(target, ".") == 0) {
			target += 1;
		} else {
			break;
		}
	}
	if (up > depth(path))
		return refuse(scope, path, "is a symbolic link that leads out of the archive");
	if (*target && dl_path_check(scope, target))
		return dl_fail_prefix(scope, "'%s', a symbolic link", dl_text_quote(&scope->arena, path));
	return 0;
}

static int judge_kind(struct dl_scope *scope, struct archive_entry *entry, const char *path)
{
	if (archive_entry_hardlink(entry))
		return refuse(scope, path, "is a hard link");
	if (archive_entry_filetype(entry) == AE_IFLNK)
		return judge_link(scope, path, archive_entry_symlink(entry));
	if (archive_entry_filetype(entry) != AE_IFREG && archive_entry_filetype(entry) != AE_IFDIR)
		return refuse(scope, path, "is no file, folder or symbolic link");
	return 0;
}

/* The other methods that libarchive knows may use as much memory as the archive says. */
static int judge_method(struct dl_scope *scope, struct archive *archive, struct archive_entry *entry,
			const char *path)
{
	static const char *const taken[] = {"(uncompressed)", "(deflation)", "(zstd)"};
	const char *name = archive_format_name(archive);
	size_t i;

	if (archive_entry_is_encrypted(entry))
		return refuse(scope, path, "is encrypted");
	for (i = 0; i < sizeof taken / sizeof *taken; i++)
		if (dl_text_ends(name, taken[i]))
			return 0;
	return refuse(scope, path, "is compressed by a method that is not supported");
}

static int spend(struct dl_scope *scope, struct reader *reader, int64_t bytes, const char *path)
{
	if (bytes < 0 || bytes > reader->budget)
		return refuse(scope, path, "unpacks, with what comes before it, to more than is allowed");
	reader->budget -= bytes;
	return 0;
}

static int keep_entry(struct dl_scope *scope, struct reader *reader, const char *path, bool folder)
{
	struct dl_arena *arena = &reader->keep->arena;
	size_t room = reader->room ? reader->room * 2 : 256, size = sizeof *reader->entries;

	reader->names += strlen(path);
	if (reader->names > DL_ARCHIVE_NAMES)
		return dl_fail(scope, DL_DATA, "its names have more than %d bytes", DL_ARCHIVE_NAMES);
	if (reader->count == reader->room) {
		reader->entries = dl_arena_grow(arena, reader->entries, reader->room * size, room * size);
		reader->room = room;
	}
	reader->entries[reader->count++] = (struct entry){dl_arena_string(arena, path), folder};
	return 0;
}

static int judge_entry(struct dl_scope *scope, struct reader *reader, struct archive *archive,
		       struct archive_entry *entry, const char *path)
{
	bool folder = archive_entry_filetype(entry) == AE_IFDIR;

	if (judge_kind(scope, entry, path) ||
	    (!folder && !reader->tar && judge_method(scope, archive, entry, path)) ||
	    (!folder && spend(scope, reader, archive_entry_size(entry), path)))
		return -1;
	reader->links |= archive_entry_filetype(entry) == AE_IFLNK;
	return keep_entry(scope, reader, path, folder);
}

/* A part of a path. */
struct part {
	const char *text, *end;
};

/* The next character of PART as systems see it that ignore case. The end is before all others, and then '/',
 * so that a folder and what is in it are neighbours. */
static uint32_t take_folded(struct part *part)
{
	size_t size = dl_text_utf8(part->text, (size_t)(part->end - part->text));
	uint32_t code = size ? dl_text_code(part->text, size) : 0;

	part->text += size;
	if (code >= 'A' && code <= 'Z')
		code += 'a' - 'A';
	else if (code > 127)
		code = (uint32_t)towlower(towupper((wint_t)code));
	return code == 0 ? 0 : code == '/' ? 1 : code + 2;
}

static int compare_folded(struct part one, struct part other)
{
	uint32_t a, b;

	do {
		a = take_folded(&one);
		b = take_folded(&other);
	} while (a && a == b);
	return (a > b) - (a < b);
}

static struct part whole(const struct entry *entry)
{
	return (struct part){entry->path, strchr(entry->path, '\0')};
}

static int by_path(const void *a, const void *b)
{
	return compare_folded(whole(a), whole(b));
}

/* Two entries that stand side by side in the order of by_path: what they share must be spelt the same, and
 * only folders may be there twice, or have something in them. All that share a folder stand side by side, so
 * it is enough to look at neighbours. */
static int judge_neighbours(struct dl_scope *scope, const struct entry *one, const struct entry *other)
{
	const char *a = one->path, *b = other->path, *name = dl_text_quote(&scope->arena, a);
	struct part first, second;

	for (;; a = first.end + 1, b = second.end + 1) {
		first = (struct part){a, strchrnul(a, '/')};
		second = (struct part){b, strchrnul(b, '/')};
		if (compare_folded(first, second) != 0)
			return 0;
		if (first.end - a != second.end - b || memcmp(a, b, (size_t)(first.end - a)) != 0)
			return dl_fail(scope, DL_DATA, "'%s' and '%s' are the same on some systems", name,
				       dl_text_quote(&scope->arena, other->path));
		if (!*first.end || !*second.end)
			break;
	}
	if (*second.end)
		return one->folder ? 0 : dl_fail(scope, DL_DATA, "'%s' is a file and a folder", name);
	return one->folder && other->folder ? 0
					    : dl_fail(scope, DL_DATA, "'%s' stands there twice", name);
}

/* What the archive says of itself at its end: how many entries it has, at least of larger numbers the lower
 * 16 bits. What is cut off has no end. */
static int read_end(struct dl_scope *scope, int fd, int64_t size)
{
	unsigned char *tail = dl_arena_alloc(&scope->arena, TAIL);
	int64_t len = size < TAIL ? size : TAIL;
	ssize_t got = pread(fd, tail, (size_t)len, size - len), at;

	if (got != len)
		return dl_fail(scope, DL_SYSTEM, "it cannot be read");
	for (at = got - END_SIZE; at >= 0; at--)
		if (memcmp(tail + at, "PK\5\6", 4) == 0)
			return tail[at + END_COUNT] | tail[at + END_COUNT + 1] << 8;
	return dl_fail(scope, DL_DATA, "it is no zip archive, or is cut off");
}

/* Judges all entries. An archive with nothing in it is one. */
static int judge(struct dl_scope *scope, struct reader *reader, int64_t size)
{
	int count = read_end(scope, reader->fd, size);
	size_t i;

	if (count < 0)
		return -1;
	if (count == 0 && size == END_SIZE)
		return 0;
	if (each_entry(scope, reader, judge_entry))
		return -1;
	if (count != UINT16_MAX && (reader->seen & UINT16_MAX) != (size_t)count)
		return dl_fail(scope, DL_DATA, "it has not as many entries as it says");
	if (reader->count)
		qsort(reader->entries, reader->count, sizeof *reader->entries, by_path);
	for (i = 1; i < reader->count; i++)
		if (judge_neighbours(scope, &reader->entries[i - 1], &reader->entries[i]))
			return -1;
	return 0;
}

/* ---- writing ---- */

/* Fills the new file FD with what ENTRY holds. */
static int copy_data(struct dl_scope *scope, struct reader *reader, struct archive *archive, int fd,
		     const char *path)
{
	la_ssize_t count;

	while ((count = archive_read_data(archive, reader->block, BLOCK)) > 0)
		if (spend(scope, reader, count, path))
			return -1;
		else if (dl_file_put(fd, reader->block, (size_t)count) < 0)
			return dl_fail_errno(scope, "cannot write %s", dl_text_quote(&scope->arena, path));
	return count < 0 ? fail_reading(scope, archive, path) : 0;
}

static int write_file(struct dl_scope *scope, struct reader *reader, struct archive *archive,
		      struct archive_entry *entry, int parent, const char *path)
{
	mode_t mode = S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH;
	int fd, result;

	if (archive_entry_perm(entry) & S_IXUSR)
		mode |= S_IXUSR | S_IXGRP | S_IXOTH;
	fd = openat(parent, dl_path_last(path), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd < 0)
		return dl_fail_errno(scope, "cannot create %s", dl_text_quote(&scope->arena, path));
	result = copy_data(scope, reader, archive, fd, path);
	if (close(fd) < 0 && result == 0)
		result = dl_fail_errno(scope, "cannot write %s", dl_text_quote(&scope->arena, path));
	return result;
}

static int write_entry(struct dl_scope *scope, struct reader *reader, struct archive *archive,
		       struct archive_entry *entry, const char *path)
{
	int parent, result = 0;

	if (archive_entry_filetype(entry) == AE_IFLNK)
		return 0;
	parent = dl_path_parent(scope, reader->folder, path, true);
	if (parent < 0)
		return -1;
	if (archive_entry_filetype(entry) == AE_IFREG)
		result = write_file(scope, reader, archive, entry, parent, path);
	else if (archive_entry_filetype(entry) == AE_IFDIR &&
		 mkdirat(parent, dl_path_last(path), S_IRWXU | S_IRWXG | S_IRWXO) < 0 && errno != EEXIST)
		result = dl_fail_errno(scope, "cannot create %s", dl_text_quote(&scope->arena, path));
	close(parent);
	return result;
}

static int write_link(struct dl_scope *scope, struct reader *reader, struct archive *archive,
		      struct archive_entry *entry, const char *path)
{
	const char *target = archive_entry_symlink(entry);
	int parent, result = 0;

	(void)archive;
	if (archive_entry_filetype(entry) != AE_IFLNK)
		return 0;
	if (judge_link(scope, path, target))
		return -1;
	parent = dl_path_parent(scope, reader->folder, path, true);
	if (parent < 0)
		return -1;
	if (symlinkat(target, parent, dl_path_last(path)) < 0)
		result = dl_fail_errno(scope, "cannot create %s", dl_text_quote(&scope->arena, path));
	close(parent);
	return result;
}

static int64_t most_for(int64_t size)
{
	int64_t most = size > DL_ARCHIVE_MOST / DL_ARCHIVE_RATIO ? DL_ARCHIVE_MOST : size * DL_ARCHIVE_RATIO;

	return most > DL_ARCHIVE_ALWAYS ? most : DL_ARCHIVE_ALWAYS;
}

static int extract(struct dl_scope *scope, struct reader *reader)
{
	if (judge(scope, reader, reader->size))
		return -1;
	reader->budget = most_for(reader->size);
	if (!reader->count)
		return 0;
	if (each_entry(scope, reader, write_entry))
		return -1;
	return reader->links ? each_entry(scope, reader, write_link) : 0;
}

/* Calls WORK with what a reader needs besides what it is about. */
static int read_with(struct dl_scope *scope, struct reader *reader,
		     int (*work)(struct dl_scope *scope, struct reader *reader))
{
	static const char *const names[] = {"C.UTF-8", "en_US.UTF-8", "UTF-8"};
	locale_t ours = (locale_t)0, before;
	struct dl_scope keep;
	struct stat st;
	size_t i;

	if (fstat(reader->fd, &st) < 0)
		return dl_fail_errno(scope, "it cannot be read");
	for (i = 0; !ours && i < sizeof names / sizeof *names; i++)
		ours = newlocale(LC_CTYPE_MASK, names[i], (locale_t)0);
	if (!ours)
		return dl_fail(scope, DL_SYSTEM, "this system has no UTF-8 locale");
	before = uselocale(ours);
	dl_scope_open(&keep, scope);
	reader->keep = &keep;
	reader->size = st.st_size;
	reader->budget = most_for(st.st_size);
	reader->block = dl_arena_alloc(&keep.arena, BLOCK);
	reader->input = dl_arena_alloc(&keep.arena, BLOCK);
	work(&keep, reader);
	reader->keep = NULL;
	uselocale(before);
	freelocale(ours);
	return dl_scope_close(&keep);
}

int dl_archive_extract(struct dl_scope *scope, int archive, int folder)
{
	struct reader reader = {.fd = archive, .folder = folder};

	return read_with(scope, &reader, extract) ? dl_fail_prefix(scope, "the archive is not unpacked") : 0;
}

/* ---- looking into ---- */

/* Reads the data of an entry, which is MEMBER. */
static int read_member(struct dl_scope *scope, struct reader *reader, struct archive *archive,
		       const char *path, struct dl_archive_member *member)
{
	struct dl_buf data;
	la_ssize_t count;

	member->path = dl_arena_string(&reader->found->arena, path);
	dl_buf_init(&data, &reader->found->arena, member->cap);
	while ((count = archive_read_data(archive, reader->block, BLOCK)) > 0 && !data.overflow)
		dl_buf_add(&data, reader->block, (size_t)count);
	if (data.overflow)
		return dl_fail(scope, DL_DATA, "'%s' is larger than %zu bytes",
			       dl_text_quote(&scope->arena, path), member->cap);
	if (count < 0)
		return fail_reading(scope, archive, path);
	member->data = data.data;
	member->len = data.len;
	return 0;
}

/* An entry may be one of the members that are looked for. */
static int take_member(struct dl_scope *scope, struct reader *reader, struct archive *archive,
		       struct archive_entry *entry, const char *path)
{
	struct dl_archive_member *member = reader->members, *end = member + reader->member_count;
	int rank = 0, before;

	if (archive_entry_filetype(entry) != AE_IFREG)
		return 0;
	while (member < end && !(rank = member->rank(path)))
		member++;
	if (member == end)
		return 0;
	before = member->path ? member->rank(member->path) : 0;
	if (before == rank)
		return refuse(scope, path, "stands there twice, or is one of two");
	return before > rank ? 0 : read_member(scope, reader, archive, path, member);
}

/* A tar archive is gone through once. */
static int judge_and_take(struct dl_scope *scope, struct reader *reader, struct archive *archive,
			  struct archive_entry *entry, const char *path)
{
	return judge_entry(scope, reader, archive, entry, path) ||
			       take_member(scope, reader, archive, entry, path)
		       ? -1
		       : 0;
}

static int look_into(struct dl_scope *scope, struct reader *reader)
{
	if (reader->tar)
		return each_entry(scope, reader, judge_and_take);
	return judge(scope, reader, reader->size) ? -1 : each_entry(scope, reader, take_member);
}

int dl_archive_read(struct dl_scope *scope, int archive, enum dl_archive_kind kind,
		    struct dl_archive_member *members, size_t count)
{
	struct reader reader = {.fd = archive, .tar = kind == DL_ARCHIVE_TAR_GZIP, .members = members,
				.member_count = count, .found = scope};
	size_t i;

	for (i = 0; i < count; i++) {
		members[i].path = NULL;
		members[i].data = NULL;
		members[i].len = 0;
	}
	return read_with(scope, &reader, look_into);
}

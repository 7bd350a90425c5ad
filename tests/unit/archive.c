#include "lib/base/archive.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/file.h"
#include "lib/base/scope.h"
#include "lib/base/tree.h"
#include "tests/unit/check.h"

enum {
	ROOM = 40 << 20,
	MOST = 220000,
	UNIX = 3 << 8,
	UTF8 = 1 << 11,
	ENCRYPTED = 1,
	STORED = 0,
	DEFLATED = 8,
	BZIP2 = 12,
};

static struct dl_scope scope; /* of the current test */
static char top[] = "/tmp/dl-archive-XXXXXX";

/* ---- making archives: APPNOTE.TXT, 4.3.7, 4.3.12 and 4.3.16, without compression of our own ---- */

static struct {
	unsigned char *data;
	size_t len;
	struct {
		const char *name;
		const void *data;
		size_t len, size; /* as it lies there, and unpacked */
		int mode, flags, method;
		uint32_t sum, offset;
	} entries[MOST];
	size_t count;
	size_t claimed; /* how many the end says there are, less those that there are */
} zip;

static void put(uint64_t value, int bytes)
{
	for (; bytes--; value >>= 8)
		zip.data[zip.len++] = (unsigned char)value;
}

static void put_bytes(const void *data, size_t len)
{
	memcpy(zip.data + zip.len, data, len);
	zip.len += len;
}

/* As in gzip and zip: RFC 1952, section 8. */
static uint32_t checksum(const unsigned char *data, size_t len)
{
	uint32_t sum = ~0U;
	int bit;

	for (; len--; data++)
		for (sum ^= *data, bit = 0; bit < 8; bit++)
			sum = sum >> 1 ^ (sum & 1 ? 0xedb88320 : 0);
	return ~sum;
}

static void begin(void)
{
	zip.len = zip.count = zip.claimed = 0;
}

/* What an entry's two headers have in common. */
static void put_common(size_t index)
{
	put((uint64_t)zip.entries[index].flags, 2);
	put((uint64_t)zip.entries[index].method, 2);
	put(0x5c2e53c0, 4); /* 2026-01-14 10:30 */
	put(zip.entries[index].sum, 4);
	put(zip.entries[index].len, 4);
	put(zip.entries[index].size, 4);
	put(strlen(zip.entries[index].name), 2);
	put(0, 2);
}

static void add_as(const char *name, int mode, int flags, int method, const void *data, size_t len,
		   size_t size, uint32_t sum)
{
	size_t index = zip.count++;

	zip.entries[index].name = name;
	zip.entries[index].mode = mode;
	zip.entries[index].flags = flags;
	zip.entries[index].method = method;
	zip.entries[index].len = len;
	zip.entries[index].size = size;
	zip.entries[index].sum = sum;
	zip.entries[index].offset = (uint32_t)zip.len;
	put_bytes("PK\3\4", 4);
	put(20, 2);
	put_common(index);
	put_bytes(name, strlen(name));
	put_bytes(data, len);
}

static void add(const char *name, int mode, const char *text)
{
	size_t len = strlen(text);

	add_as(name, mode, UTF8, STORED, text, len, len, checksum((const unsigned char *)text, len));
}

static void finish(void)
{
	size_t start = zip.len, i;

	for (i = 0; i < zip.count; i++) {
		put_bytes("PK\1\2", 4);
		put(UNIX | 20, 2);
		put(20, 2);
		put_common(i);
		put(0, 2 + 2 + 2); /* comment, disk, internal attributes */
		put((uint64_t)zip.entries[i].mode << 16, 4);
		put(zip.entries[i].offset, 4);
		put_bytes(zip.entries[i].name, strlen(zip.entries[i].name));
	}
	put_bytes("PK\5\6", 4);
	put(0, 2 + 2);
	put(zip.count + zip.claimed, 2);
	put(zip.count + zip.claimed, 2);
	put(zip.len - start - 12, 4);
	put(start, 4);
	put(0, 2);
}

/* ---- unpacking ---- */

/* Unpacks LEN bytes of the archive to a new folder, whose descriptor is in FOLDER. Returns what went wrong;
 * NULL: nothing. */
static const char *unpack_part(size_t len, int *folder)
{
	const char *path = dl_arena_format(&scope.arena, "%s/out", top);
	int fd = open(top, O_RDWR | O_TMPFILE, 0600);
	struct dl_scope attempt;
	const char *message = NULL;

	if (fd < 0 || write(fd, zip.data, len) != (ssize_t)len || dl_file_remove_tree(&scope, path) ||
	    mkdir(path, 0777) < 0)
		abort();
	*folder = open(path, O_RDONLY | O_DIRECTORY);
	if (*folder < 0)
		abort();
	dl_scope_open(&attempt, NULL);
	if (dl_archive_extract(&attempt, fd, *folder)) {
		message = dl_arena_string(&scope.arena, attempt.error.message);
		check_int("class", message, attempt.error.class, DL_DATA);
	}
	dl_scope_close(&attempt);
	close(fd);
	return message;
}

static const char *unpack(int *folder)
{
	finish();
	return unpack_part(zip.len, folder);
}

/* The archive is refused, with whatever words. */
static void broken(const char *name, size_t len)
{
	int folder;

	check_true("refused", name, unpack_part(len, &folder) != NULL);
	close(folder);
}

/* What stands below the new folder: names, each with '*' when it can be executed, and the targets of links.
 */
static const char *contents(int folder)
{
	struct dl_tree tree;
	struct dl_buf text;
	size_t i;

	dl_buf_init(&text, &scope.arena, DL_CAP_LINE);
	if (dl_tree_list(&scope, folder, &tree))
		return scope.error.message;
	for (i = 0; i < tree.count; i++) {
		const struct dl_tree_item *item = &tree.items[i];
		char target[256];
		ssize_t len = S_ISLNK(item->mode) ? readlinkat(folder, item->path, target, sizeof target) : 0;

		dl_buf_printf(&text, "%s%s%s%s%.*s", i ? " " : "", item->path,
			      S_ISREG(item->mode) && item->mode & S_IXUSR ? "*" : "", len ? "->" : "",
			      (int)len, target);
		if (item->mode & (S_ISUID | S_ISGID) && S_ISREG(item->mode))
			dl_buf_puts(&text, "!");
	}
	return text.data;
}

/* The archive is refused with a message that ends in WORDS, and nothing has been written. */
static void refused(const char *name, const char *words)
{
	char want[512];
	int folder;

	check_text("refused", name, unpack(&folder),
		   words ? (snprintf(want, sizeof want, "the archive is not unpacked: %s", words), want)
			 : NULL);
	if (words)
		check_text("nothing is written", name, contents(folder), "");
	close(folder);
}

static void good(const char *name, const char *want)
{
	int folder;

	check_text("unpacked", name, unpack(&folder), NULL);
	check_text("unpacked", name, contents(folder), want);
	close(folder);
}

/* ---- what is taken ---- */

static void test_good(void)
{
	begin();
	good("an empty archive", "");
	begin();
	add("a/b/c.txt", 0100644, "text");
	add("a/", 040755, "");
	add("empty/", 040755, "");
	add("tool", 0104755, "#!/bin/sh\n");
	add("./dot", 0100600, "");
	add("no-mode", 0, "");
	good("files, folders, the right to execute", "a/ a/b/ a/b/c.txt dot empty/ no-mode tool*");
	begin();
	add("e\xcc\x81", 0100644, "");
	good("names are composed", "\xc3\xa9");
	begin();
	add("old\\way", 0100644, "");
	good("a backslash where there is no slash", "old/ old/way");
}

static void test_links(void)
{
	static const struct {
		const char *name;
		struct {
			const char *name;
			int mode;
			const char *text;
		} entries[3];
		const char *words;
	} rows[] = {
		{"a link out",
		 {{"out", 0120777, "../x"}},
		 "'out' is a symbolic link that leads out of the archive"},
		{"a link out, by a detour",
		 {{"a/out", 0120777, "./.././../x"}},
		 "'a/out' is a symbolic link that leads out of the archive"},
		{"a link that goes up behind another",
		 {{"a/b", 0120777, ".."}, {"a/c", 0120777, "b/../../x"}},
		 "'a/c', a symbolic link: 'b/../../x' leads elsewhere"},
		{"an absolute link",
		 {{"out", 0120777, "/etc/passwd"}},
		 "'out', a symbolic link: '/etc/passwd' is an absolute path"},
		{"a link to nowhere", {{"out", 0120777, ""}}, "'out' is a symbolic link to nowhere"},
		{"a file below a link",
		 {{"a", 0120777, "b"}, {"a/x", 0100644, ""}},
		 "'a' is a file and a folder"},
	};
	size_t i, k;

	begin();
	add("lib/x.so", 0120777, "x.so.1");
	add("lib/x.so.1", 0100755, "");
	add("up", 0120777, "./lib");
	add("lib/deep/top", 0120777, "../../lib/x.so");
	add("self", 0120777, ".");
	good("links within",
	     "lib/ lib/deep/ lib/deep/top->../../lib/x.so lib/x.so->x.so.1 lib/x.so.1* self->. "
	     "up->./lib");
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		begin();
		for (k = 0; rows[i].entries[k].name; k++)
			add(rows[i].entries[k].name, rows[i].entries[k].mode, rows[i].entries[k].text);
		refused(rows[i].name, rows[i].words);
	}
}

/* ---- what is refused ---- */

static void test_names(void)
{
	static const struct {
		const char *name, *words;
	} rows[] = {
		{"../x", "'../x' leads elsewhere"},
		{"a/../../x", "'a/../../x' leads elsewhere"},
		{"a/..", "'a/..' leads elsewhere"},
		{"a/./x", "'a/./x' leads elsewhere"},
		{"/etc/x", "'/etc/x' is an absolute path"},
		{"C:x", "'C:x' is an absolute path"},
		{"c:\\x", "'c:/x' is an absolute path"},
		{"a//x", "'a//x' has a part without a name"},
		{"a\\..\\..\\x", "'a/../../x' leads elsewhere"},
		{"a/..\\..\\x", "'a/..\\..\\x' has a backslash in its name"},
		{"a\nb", "'a\\x0ab' has a control character in its name"},
		{"a\x1b[31m", "'a\\x1b[31m' has a control character in its name"},
		{"a\xe2\x80\xaegpj", "'a\\xe2\\x80\\xaegpj' has a control character in its name"},
	};
	char name[300];
	size_t i;

	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		begin();
		add("before", 0100644, "");
		add(rows[i].name, 0100644, "");
		refused(rows[i].name, rows[i].words);
	}
	memset(name, 'n', 256);
	name[256] = '\0';
	begin();
	add(name, 0100644, "");
	finish();
	broken("256 bytes", zip.len);
	name[255] = '\0';
	begin();
	add(name, 0100644, "");
	good("255 bytes", name);
}

static void test_not_utf8(void)
{
	begin();
	add("caf\xe9", 0100644, "");
	finish();
	broken("not in UTF-8, marked as that", zip.len);
	begin();
	add("caf\xe9", 0100644, "");
	zip.entries[0].flags = 0;
	finish();
	broken("not in UTF-8", zip.len);
}

static void test_twins(void)
{
	static const struct {
		const char *one, *other, *words;
	} rows[] = {
		{"a", "a", "'a' stands there twice"},
		{"a/x", "a/x", "'a/x' stands there twice"},
		{"README", "ReadMe", "'README' and 'ReadMe' are the same on some systems"},
		{"A/x", "a/y", "'A/x' and 'a/y' are the same on some systems"},
		{"a/b/x", "a/B", "'a/B' and 'a/b/x' are the same on some systems"},
		{"\xc3\x84", "\xc3\xa4", "'\xc3\x84' and '\xc3\xa4' are the same on some systems"},
		{"\xc3\xa9", "e\xcc\x81", "'\xc3\xa9' stands there twice"},
		{"a", "a/x", "'a' is a file and a folder"},
	};
	size_t i;

	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		begin();
		add(rows[i].one, 0100644, "");
		add("a!", 0100644, "");
		add("a-b", 0100644, "");
		add(rows[i].other, 0100644, "");
		refused(rows[i].words, rows[i].words);
	}
	begin();
	add("a/", 040755, "");
	add("a/", 040755, "");
	add("a/x", 0100644, "");
	good("a folder twice", "a/ a/x");
}

static void test_kinds(void)
{
	static const struct {
		int mode;
		const char *words;
	} rows[] = {
		{0020666, "'odd' is no file, folder or symbolic link"},
		{0060666, "'odd' is no file, folder or symbolic link"},
		{0140666, "'odd' is no file, folder or symbolic link"},
	};
	size_t i;

	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		begin();
		add("odd", rows[i].mode, "");
		refused(rows[i].words, rows[i].words);
	}
	begin();
	add_as("secret", 0100644, ENCRYPTED, STORED, "0123456789abc", 13, 1, 0);
	refused("encrypted", "'secret' is encrypted");
	begin();
	add_as("odd", 0100644, 0, BZIP2, "BZh9", 4, 100, 0);
	refused("method", "'odd' is compressed by a method that is not supported");
}

/* ---- what is broken ---- */

static void test_broken(void)
{
	size_t len, whole;
	int folder;

	begin();
	add("a", 0100644, "some text");
	add("b", 0100644, "other text");
	finish();
	whole = zip.len;
	for (len = 0; len < whole; len++)
		broken("cut off", len);
	check_text("unpacked", "whole", unpack_part(whole, &folder), NULL);
	close(folder);
	begin();
	add_as("a", 0100644, 0, STORED, "some text", 9, 9, 1);
	finish();
	broken("a wrong checksum", zip.len);
	begin();
	add("a", 0100644, "x");
	zip.claimed = 1;
	refused("fewer entries than it says", "it has not as many entries as it says");
}

/* A stream of deflate (RFC 1951) of nothing but zeros, as zlib writes it: a block with codes of one bit, in
 * which each byte stands for four copies of 258 zeros. */
enum { ZEROS_COPIES = 2600, ZEROS_LEN = 15 + ZEROS_COPIES - 1 + 2, ZEROS_SIZE = 1 + 4 * 258 * ZEROS_COPIES };

static const unsigned char *zeros_stream(void)
{
	static unsigned char stream[ZEROS_LEN] = {
		0xed, 0xc1, 0x01, 0x01, 0,    0,    0,	  0x82,
		0x20, 0xff, 0xaf, 0x6e, 0x48, 0x40, 0x01, [ZEROS_LEN - 2] = 0xf7,
		0x06};

	return stream;
}

static void test_bombs(void)
{
	const unsigned char *stream = zeros_stream();
	uint32_t sum = checksum(dl_arena_alloc(&scope.arena, ZEROS_SIZE), ZEROS_SIZE);
	int i;

	begin();
	add_as("zeros", 0100644, 0, DEFLATED, stream, ZEROS_LEN, ZEROS_SIZE, sum);
	good("much from little", "zeros");
	begin();
	for (i = 0; i < 110; i++)
		add_as(dl_arena_format(&scope.arena, "%d", i), 0100644, 0, DEFLATED, stream, ZEROS_LEN,
		       ZEROS_SIZE, sum);
	refused("too much", "'100' unpacks, with what comes before it, to more than is allowed");
	begin();
	add_as("huge", 0100644, 0, DEFLATED, stream, ZEROS_LEN, 300 << 20, sum);
	refused("too much at once", "'huge' unpacks, with what comes before it, to more than is allowed");
	begin();
	add_as("liar", 0100644, 0, DEFLATED, stream, ZEROS_LEN, 1, sum);
	finish();
	broken("a size that lies", zip.len);
}

static void test_many(void)
{
	char *names = dl_arena_alloc(&scope.arena, (size_t)MOST * 8);
	int folder;
	size_t i;

	begin();
	for (i = 0; i < MOST - 1; i++) {
		snprintf(names + i * 8, 8, "%zu", i);
		add(names + i * 8, 0100644, "");
	}
	finish();
	check_text("refused", "too many", unpack_part(zip.len, &folder),
		   "the archive is not unpacked: it has more than 200000 entries");
	close(folder);
}

static void run(void (*test)(void))
{
	dl_scope_open(&scope, NULL);
	test();
	dl_scope_close(&scope);
}

int main(void)
{
	static void (*const tests[])(void) = {test_good,  test_links, test_names, test_not_utf8, test_twins,
					      test_kinds, test_broken, test_bombs, test_many};
	size_t i;

	zip.data = malloc(ROOM);
	if (!zip.data || !mkdtemp(top))
		abort();
	for (i = 0; i < sizeof tests / sizeof *tests; i++)
		run(tests[i]);
	dl_scope_open(&scope, NULL);
	if (dl_file_remove_tree(&scope, top))
		abort();
	dl_scope_close(&scope);
	free(zip.data);
	return check_end("archive");
}

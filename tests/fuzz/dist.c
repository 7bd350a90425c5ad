/* What a distribution says of itself has a name and a version, and is text that may be sent. The first byte
 * says how the input is read: as a wheel, as an sdist, or as the metadata in a wheel, which no change to an
 * archive would reach behind its checksums. */
#include "lib/data/dist.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/data/pep440.h"
#include "tests/fuzz/fuzz.h"

enum { WHEEL, SDIST, METADATA, KINDS };

static void put16(struct dl_buf *out, size_t value)
{
	dl_buf_putc(out, (char)(value & 0xff));
	dl_buf_putc(out, (char)(value >> 8 & 0xff));
}

static void put32(struct dl_buf *out, size_t value)
{
	put16(out, value & 0xffff);
	put16(out, value >> 16 & 0xffff);
}

static uint32_t crc32_of(const char *data, size_t len)
{
	uint32_t crc = UINT32_MAX;
	size_t i;
	int bit;

	for (i = 0; i < len; i++) {
		crc ^= (unsigned char)data[i];
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0xedb88320) : 0);
	}
	return ~crc;
}

/* What both headers of a file in a zip archive have in common: it is stored as it is. */
static void put_entry(struct dl_buf *out, const char *name, const struct fuzz_rest *data)
{
	put16(out, 20);
	put32(out, 0);
	put32(out, 0);
	put32(out, crc32_of(data->data, data->len));
	put32(out, data->len);
	put32(out, data->len);
	put16(out, strlen(name));
	put16(out, 0);
}

/* A zip archive with one file, https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT */
static void zip(struct dl_buf *out, const char *name, const struct fuzz_rest *data)
{
	size_t directory, len;

	dl_buf_puts(out, "PK\003\004");
	put_entry(out, name, data);
	dl_buf_puts(out, name);
	dl_buf_add(out, data->data, data->len);
	directory = out->len;
	dl_buf_puts(out, "PK\001\002");
	put16(out, 20);
	put_entry(out, name, data);
	for (len = 0; len < 7; len++)
		put16(out, 0);
	dl_buf_puts(out, name);
	len = out->len - directory;
	dl_buf_puts(out, "PK\005\006");
	put32(out, 0);
	put16(out, 1);
	put16(out, 1);
	put32(out, len);
	put32(out, directory);
	put16(out, 0);
}

/* A file without a name. */
static int make_file(const char *data, size_t len)
{
	int fd = open("/tmp", O_RDWR | O_TMPFILE | O_CLOEXEC, S_IRUSR | S_IWUSR);

	if (fd < 0 || write(fd, data, len) != (ssize_t)len)
		abort();
	return fd;
}

static void check(const struct dl_dist *dist)
{
	const char *at, *name = NULL, *version = NULL;
	const struct dl_dist_field *field;
	struct dl_pep440 parsed;
	size_t size;

	for (field = dist->fields; field < dist->fields + dist->count; field++) {
		HOLDS(*field->name && !field->name[strspn(field->name, "abcdefghijklmnopqrstuvwxyz_")]);
		for (at = field->value; *at; at += size) {
			size = dl_text_utf8(at, strlen(at));
			HOLDS(size > 0);
		}
		if (strcmp(field->name, "name") == 0)
			name = field->value;
		if (strcmp(field->name, "version") == 0)
			version = field->value;
	}
	HOLDS(dl_text_same(name, dist->name) && dl_text_same(version, dist->version));
	HOLDS(dl_pep440_parse(version, &parsed));
	HOLDS(*dist->filetype && *dist->pyversion);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_rest rest = {(const char *)data, size};
	unsigned int kind = fuzz_byte(&rest) % KINDS;
	const char *file = kind == SDIST ? "demo-1.0.tar.gz" : "demo-1.0-py3-none-any.whl";
	struct dl_scope scope;
	struct dl_dist dist;
	struct dl_buf made;
	int fd;

	dl_scope_open(&scope, NULL);
	dl_buf_init(&made, &scope.arena, FUZZ_CAP);
	if (kind == METADATA)
		zip(&made, "demo-1.0.dist-info/METADATA", &rest);
	else
		dl_buf_add(&made, rest.data, rest.len);
	fd = make_file(made.data, made.len);
	if (dl_dist_read(&scope, fd, file, &dist))
		HOLDS(fuzz_failed(&scope, DL_DATA));
	else
		check(&dist);
	close(fd);
	dl_scope_close(&scope);
	return 0;
}

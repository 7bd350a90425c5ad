/* In repositories that the real git has made and packed in every way it can: what it reads is read here. */
#include "lib/objects.h"

#include <stdlib.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/file.h"
#include "lib/git.h"
#include "lib/scope.h"
#include "lib/text.h"
#include "tests/unit/check.h"

static struct dl_scope scope;
static char folder[] = "/tmp/dl-objects-XXXXXX";

/* Runs git with WORDS, between which there are blanks. */
static struct dl_proc_result git(const char *words)
{
	char *copy = dl_arena_string(&scope.arena, words), *word;
	const char *argv[16] = {NULL};
	struct dl_proc_result result;
	size_t count = 0;

	for (word = strtok_r(copy, " ", &copy); word; word = strtok_r(NULL, " ", &copy))
		argv[count++] = word;
	if (dl_git_ask(&scope, NULL, argv, &result) || result.status != 0) {
		fprintf(stderr, "git %s: %s\n", words, result.errors);
		abort();
	}
	return result;
}

/* Commits that are worth a delta, a tree, an annotated tag, an empty file and a large one. */
static void make_repository(const char *format)
{
	struct dl_buf text;
	int i, n;

	git(dl_arena_format(&scope.arena, "init -q --object-format=%s .", format));
	git("config user.name A");
	git("config user.email a@b");
	for (i = 0; i < 8; i++) {
		dl_buf_init(&text, &scope.arena, DL_CAP_LINE);
		for (n = 0; n < 3000; n++)
			dl_buf_printf(&text, "line %d of %d\n", n == 300 * i ? -1 : n, n % 97);
		check_int("make", "a file", dl_file_write(&scope, "file", 0644, text.data, text.len), 0);
		check_int("make", "empty", dl_file_write(&scope, "empty", 0644, "", 0), 0);
		git("add file empty");
		check_int("make", "message", dl_file_write(&scope, "../message", 0644, text.data, 20000), 0);
		git("commit -q -F ../message");
	}
	git("tag -a -m tag v1");
}

/* Every object is what git says it is. */
static void compare(const char *how, size_t id_len)
{
	static const char *const words[] = {"", "commit", "tree", "blob", "tag"};
	struct dl_objects *objects = dl_objects_open(&scope, ".git/objects", id_len);
	struct dl_proc_result list = git("cat-file --batch-all-objects --batch-check"), content;
	const char *line, *end, *kind;
	unsigned char id[DL_OBJECTS_ID_MAX];
	struct dl_object object;
	int count = 0;

	for (line = list.output; *line; line = end + 1, count++) {
		end = strchr(line, '\n');
		check_true(how, "a name", dl_objects_parse_id(line, id, id_len));
		if (check_begin(dl_objects_read(&scope, objects, id, &object) == 0, how, line)) {
			kind = words[object.kind];
			check_true(how, "its kind", dl_text_starts(line + 2 * id_len + 1, kind));
			check_int(how, "its kind alone", dl_objects_kind(objects, id), object.kind);
			content = git(dl_arena_format(&scope.arena, "cat-file %s %.*s", kind,
						      (int)(2 * id_len), line));
			check_int(how, "its length", (int64_t)object.len, (int64_t)content.len);
			check_true(how, "its bytes",
				   object.len == content.len &&
					   memcmp(object.data, content.output, content.len) == 0);
		}
	}
	check_true(how, "there are some", count > 20);
	memset(id, 0x55, sizeof id);
	check_int(how, "what is not there", dl_objects_read(&scope, objects, id, &object), -1);
	check_int(how, "what is not there", dl_fail_take(&scope, &scope.arena).class, DL_MISSING);
	check_int(how, "what is not there", dl_objects_kind(objects, id), DL_OBJECT_NONE);
	dl_objects_close(objects);
}

static void test_formats(const char *format, size_t id_len)
{
	char *path = dl_arena_format(&scope.arena, "%s/%s", folder, format);

	check_int("formats", "a folder", dl_file_mkdirs(&scope, path, 0700), 0);
	check_int("formats", "entered", chdir(path), 0);
	make_repository(format);
	compare("loose", id_len);
	git("repack -qad");
	compare("packed", id_len);
	git("-c repack.useDeltaBaseOffset=false repack -qadf --window=50 --depth=40");
	compare("deltas by name", id_len);
	git("-c pack.compression=0 repack -qadf --depth=0");
	compare("neither deltas nor compression", id_len);
	git("-c pack.indexVersion=2 -c pack.packSizeLimit=1m repack -qadf");
	compare("several packs", id_len);
	if (id_len == 20) {
		git("-c pack.indexVersion=1 repack -qadf");
		compare("an old index", id_len);
	}
	git("multi-pack-index write");
	compare("a multi-pack-index", id_len);
}

/* Moves the pack in this folder to ../x.pack and its index to ../x.idx; nothing else stays. */
static void move_pack(void)
{
	const char *const argv[] = {"sh", "-c",
				    "mv pack-*.idx ../x.idx && mv pack-*.pack ../x.pack && rm -f ./*", NULL};
	struct dl_proc proc = {.argv = argv};
	struct dl_proc_result result;

	if (dl_proc_run(&scope, &proc, &result) || result.status != 0)
		abort();
}

/* A pack that ends too early, and one in which a byte is another: an answer, or an error, and never more. */
static void test_damage(void)
{
	const char *path = dl_arena_format(&scope.arena, "%s/sha1/.git/objects/pack", folder);
	const char *index;
	struct dl_proc_result list = git("cat-file --batch-all-objects --batch-check=%(objectname)");
	int round, wrong = 0;
	size_t len, index_len, i;
	char *pack, *bytes;

	git("repack -qad");
	check_int("damage", "entered", chdir(path), 0);
	move_pack();
	pack = dl_file_read(&scope, "../x.pack", DL_CAP_BODY, &len);
	index = dl_file_read(&scope, "../x.idx", DL_CAP_BODY, &index_len);
	for (round = 0; round < 60; round++) {
		struct dl_objects *objects;
		struct dl_scope attempt;
		const char *line;

		dl_scope_open(&attempt, NULL);
		bytes = dl_arena_copy(&attempt.arena, pack, len);
		for (i = 0; i < 20; i++)
			bytes[((size_t)round * 7919 + i * 104729) % len] ^= (char)(1 << (i % 8));
		if (dl_file_write(&attempt, "pack-x.pack", 0644, bytes,
				  round % 2 ? len : len * (size_t)round / 60) ||
		    dl_file_write(&attempt, "pack-x.idx", 0644, index,
				  index_len - (round % 3 == 2 ? 200 : 0)))
			abort();
		objects = dl_objects_open(&attempt, "..", 20);
		for (line = list.output; *line; line = strchr(line, '\n') + 1) {
			unsigned char id[DL_OBJECTS_ID_MAX];
			struct dl_object object;

			dl_objects_parse_id(line, id, 20);
			if (dl_objects_read(&attempt, objects, id, &object) == 0)
				continue;
			wrong++;
			check_true("damage", "a class",
				   attempt.error.class == DL_DATA || attempt.error.class == DL_MISSING);
			dl_fail_take(&attempt, &attempt.arena);
		}
		dl_objects_close(objects);
		dl_scope_close(&attempt);
	}
	check_true("damage", "is seen", wrong > 100);
}

int main(void)
{
	char hex[DL_OBJECTS_HEX_MAX + 1];
	unsigned char id[DL_OBJECTS_ID_MAX];

	dl_scope_open(&scope, NULL);
	setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
	setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
	check_true("id", "short", !dl_objects_parse_id("abcd", id, 20));
	check_true("id", "upper case",
		   !dl_objects_parse_id("ABCDABCDABCDABCDABCDABCDABCDABCDABCDABCD", id, 20));
	check_true("id", "good", dl_objects_parse_id("0123456789abcdef", id, 8));
	check_text("id", "again", dl_objects_format_id(id, 8, hex), "0123456789abcdef");
	if (!mkdtemp(folder))
		abort();
	test_formats("sha256", 32);
	test_formats("sha1", 20);
	test_damage();
	check_int("end", "left", chdir("/"), 0);
	check_int("end", "removed", dl_file_remove_tree(&scope, folder), 0);
	dl_scope_close(&scope);
	return check_end("objects");
}

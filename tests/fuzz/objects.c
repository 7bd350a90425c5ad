/* An index of a pack, and the pack: the number of the index's kilobytes comes first. Then the same bytes as a
 * loose object. */
#include "lib/objects.h"

#include <sys/stat.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

static void write_file(const char *path, const void *data, size_t len)
{
	FILE *file = fopen(path, "w");

	HOLDS(file && fwrite(data, 1, len, file) == len && fclose(file) == 0);
}

/* Reads every name that the index could have, and one that it has not. */
static void read_all(struct dl_scope *scope, struct dl_objects *objects, const uint8_t *data, size_t size)
{
	struct dl_object object;
	size_t at;

	for (at = 0; at + DL_OBJECTS_ID_MAX <= size && at < 4096; at += at < 1032 ? 4 : 1) {
		dl_objects_kind(objects, data + at);
		if (dl_objects_read(scope, objects, data + at, &object) == 0)
			HOLDS(object.kind >= DL_OBJECT_COMMIT && object.kind <= DL_OBJECT_TAG &&
			      !object.data[object.len]);
		else
			dl_fail_take(scope, &scope->arena);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned char id[DL_OBJECTS_ID_MAX] = {0xab, 0xcd};
	char folder[] = "/tmp/dl-fuzz-XXXXXX", hex[DL_OBJECTS_HEX_MAX + 1];
	size_t index = size ? (size_t)data[0] * 16 + 1 : 0;
	struct dl_objects *objects;
	struct dl_object object;
	struct dl_scope scope;

	if (size < 2 || !mkdtemp(folder))
		return 0;
	data++;
	size--;
	index = index < size ? index : size;
	dl_scope_open(&scope, NULL);
	dl_objects_format_id(id, 20, hex);
	HOLDS(mkdir(dl_arena_format(&scope.arena, "%s/pack", folder), 0700) == 0);
	HOLDS(mkdir(dl_arena_format(&scope.arena, "%s/%.2s", folder, hex), 0700) == 0);
	write_file(dl_arena_format(&scope.arena, "%s/pack/pack-x.idx", folder), data, index);
	write_file(dl_arena_format(&scope.arena, "%s/pack/pack-x.pack", folder), data + index, size - index);
	write_file(dl_arena_format(&scope.arena, "%s/%.2s/%s", folder, hex, hex + 2), data, size);
	objects = dl_objects_open(&scope, folder, 20);
	HOLDS(objects);
	read_all(&scope, objects, data, index);
	if (dl_objects_read(&scope, objects, id, &object) == 0)
		HOLDS(!object.data[object.len]);
	dl_objects_close(objects);
	unlink(dl_arena_format(&scope.arena, "%s/pack/pack-x.idx", folder));
	unlink(dl_arena_format(&scope.arena, "%s/pack/pack-x.pack", folder));
	unlink(dl_arena_format(&scope.arena, "%s/%.2s/%s", folder, hex, hex + 2));
	rmdir(dl_arena_format(&scope.arena, "%s/pack", folder));
	rmdir(dl_arena_format(&scope.arena, "%s/%.2s", folder, hex));
	rmdir(folder);
	dl_scope_close(&scope);
	return 0;
}

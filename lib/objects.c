/* A changelog of a whole history is bound by how fast commits are inflated. libdeflate does that in half the
 * time of the zlib that git and libgit2 have, but wants the whole input and the size of the output, which a
 * pack has and neither of the two hands out. So packs are read here: they are mapped, a name is searched in
 * the sorted index, a chain of deltas is followed to its base and applied. Bases that were used lately are
 * kept, in a cache that has one place for each, since commits near each other share them.
 *
 * The multi-pack-index is not read: every pack has its own index still. Hashes are not compared (git does not
 * either when it reads history); the checksum of each zlib stream is. */
#include "lib/objects.h"

#include <dirent.h>
#include <endian.h>
#include <fcntl.h>
#include <libdeflate.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/file.h"
#include "lib/scope.h"
#include "lib/text.h"

enum {
	OFS_DELTA = 6,
	REF_DELTA = 7,
	MOST_DELTAS = 4096, /* git packs at most 4095 */
	MOST_ALTERNATES = 64,
	SLOTS = 2048,
	LARGEST_KEPT = 16 << 10,
	FANOUT_SIZE = 256 * 4,
	NEAR = 64, /* rows of an index */
};

/* A file in memory. */
struct map {
	const unsigned char *data; /* NULL: it could not be mapped, or is empty */
	size_t len;
};

struct pack {
	struct pack *next;
	const char *path; /* of the index, without its last three letters */
	struct map index, pack;
	const unsigned char *fanout, *names, *offsets, *large; /* in the index */
	size_t stride;    /* from one name to the next */
	uint32_t count;
	bool opened;      /* the pack, or the attempt was made */
};

/* A base of deltas that was used lately. */
struct slot {
	const struct pack *pack;
	uint64_t offset;
	enum dl_object_kind kind;
	char *data;
	size_t len, room;
};

/* A delta of a chain: its stream, and how long that is when it is inflated. */
struct delta {
	uint64_t offset;             /* of the entry in the pack */
	const unsigned char *stream;
	uint64_t size;
};

struct area {
	char *data;
	size_t room;
};

struct dl_objects {
	struct dl_arena *arena;
	struct libdeflate_decompressor *inflater;
	size_t id_len;
	const char *folders[MOST_ALTERNATES];
	size_t folder_count;
	struct pack *packs;
	struct pack *last; /* that had what was asked for */
	bool rescanned;
	struct slot slots[SLOTS];
	struct delta chain[MOST_DELTAS];
	struct area base, result, delta; /* .result holds what dl_objects_read has given out */
};

/* ------------------------------------------------------------------ names */

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool dl_objects_parse_id(const char *text, unsigned char *id, size_t id_len)
{
	size_t i;

	for (i = 0; i < id_len; i++) {
		int high = digit(text[2 * i]), low = high < 0 ? -1 : digit(text[2 * i + 1]);

		if (low < 0)
			return false;
		id[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

const char *dl_objects_format_id(const unsigned char *id, size_t id_len, char *hex)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < id_len; i++) {
		hex[2 * i] = digits[id[i] >> 4];
		hex[2 * i + 1] = digits[id[i] & 15];
	}
	hex[2 * id_len] = '\0';
	return hex;
}

static uint32_t read32(const unsigned char *bytes)
{
	uint32_t value;

	memcpy(&value, bytes, sizeof value);
	return be32toh(value);
}

static uint64_t read64(const unsigned char *bytes)
{
	uint64_t value;

	memcpy(&value, bytes, sizeof value);
	return be64toh(value);
}

/* ------------------------------------------------------------------ files */

static struct map map_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct map map = {NULL, 0};
	struct stat st;
	void *data;

	if (fd < 0)
		return map;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0) {
		data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (data != MAP_FAILED)
			map = (struct map){data, (size_t)st.st_size};
	}
	close(fd);
	return map;
}

static void unmap(const struct map *map)
{
	if (map->data)
		munmap((void *)(uintptr_t)map->data, map->len);
}

/* Finds the tables of an index of version 1 or 2. False: it is neither, or too short for what it says. */
static bool lay_out_index(struct pack *pack, size_t id_len)
{
	const unsigned char *data = pack->index.data;
	bool second = pack->index.len > 8 + FANOUT_SIZE && memcmp(data, "\377tOc\0\0\0\2", 8) == 0;
	size_t head = (second ? 8 : 0) + FANOUT_SIZE, row = id_len + (second ? 8 : 4), left;

	if (pack->index.len < head + 2 * id_len)
		return false;
	pack->fanout = data + head - FANOUT_SIZE;
	pack->count = read32(pack->fanout + FANOUT_SIZE - 4);
	left = pack->index.len - head - 2 * id_len;
	if (left / row < pack->count)
		return false;
	pack->names = data + head + (second ? 0 : 4);
	pack->stride = second ? id_len : row;
	pack->offsets = second ? data + head + (size_t)pack->count * (id_len + 4) : data + head;
	pack->large = second ? pack->offsets + (size_t)pack->count * 4 : NULL;
	return true;
}

static bool is_known(const struct dl_objects *objects, const char *path)
{
	const struct pack *pack;

	for (pack = objects->packs; pack; pack = pack->next)
		if (strcmp(pack->path, path) == 0)
			return true;
	return false;
}

static void add_pack(struct dl_objects *objects, const char *path)
{
	struct pack *pack;

	if (is_known(objects, path))
		return;
	pack = dl_arena_alloc(objects->arena, sizeof *pack);
	pack->path = path;
	pack->index = map_file(dl_arena_format(objects->arena, "%sidx", path));
	if (!pack->index.data || !lay_out_index(pack, objects->id_len)) {
		unmap(&pack->index);
		return;
	}
	pack->next = objects->packs;
	objects->packs = pack;
}

static void scan_folder(struct dl_objects *objects, const char *folder)
{
	const char *path = dl_arena_format(objects->arena, "%s/pack", folder);
	const struct dirent *entry;
	DIR *dir = opendir(path);

	while (dir && (entry = readdir(dir)))
		if (dl_text_starts(entry->d_name, "pack-") && dl_text_ends(entry->d_name, ".idx"))
			add_pack(objects, dl_arena_format(objects->arena, "%s/%.*s", path,
							  (int)strlen(entry->d_name) - 3, entry->d_name));
	if (dir)
		closedir(dir);
}

static void scan(struct dl_objects *objects)
{
	size_t i;

	for (i = 0; i < objects->folder_count; i++)
		scan_folder(objects, objects->folders[i]);
	objects->last = objects->packs;
}

static void add_folder(struct dl_objects *objects, const char *folder)
{
	size_t i;

	for (i = 0; i < objects->folder_count; i++)
		if (strcmp(objects->folders[i], folder) == 0)
			return;
	if (objects->folder_count < MOST_ALTERNATES)
		objects->folders[objects->folder_count++] = folder;
}

/* The folders that FOLDER borrows from: a line each, which counts from FOLDER itself. */
static int add_alternates(struct dl_scope *scope, struct dl_objects *objects, const char *folder)
{
	const char *path = dl_arena_format(&scope->arena, "%s/info/alternates", folder), *line, *end;
	const char *text = access(path, F_OK) == 0 ? dl_file_read(scope, path, DL_CAP_CONFIG, NULL) : "";
	int len;

	if (!text)
		return -1;
	for (line = text; *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		len = (int)(end - line);
		if (len == 0 || *line == '#')
			continue;
		add_folder(objects, *line == '/'
					    ? dl_arena_copy(&scope->arena, line, (size_t)len)
					    : dl_arena_format(&scope->arena, "%s/%.*s", folder, len, line));
	}
	return 0;
}

struct dl_objects *dl_objects_open(struct dl_scope *scope, const char *folder, size_t id_len)
{
	struct dl_objects *objects = dl_arena_alloc(&scope->arena, sizeof *objects);
	size_t i;

	objects->arena = &scope->arena;
	objects->id_len = id_len;
	add_folder(objects, dl_arena_string(&scope->arena, folder));
	for (i = 0; i < objects->folder_count; i++)
		if (add_alternates(scope, objects, objects->folders[i]))
			return NULL;
	objects->inflater = libdeflate_alloc_decompressor();
	if (!objects->inflater) {
		dl_fail_errno(scope, "cannot start libdeflate");
		return NULL;
	}
	scan(objects);
	return objects;
}

void dl_objects_close(struct dl_objects *objects)
{
	const struct pack *pack;

	if (!objects)
		return;
	for (pack = objects->packs; pack; pack = pack->next) {
		unmap(&pack->index);
		unmap(&pack->pack);
	}
	libdeflate_free_decompressor(objects->inflater);
}

/* ------------------------------------------------------------------ finding */

/* A place in a pack. */
struct place {
	struct pack *pack; /* NULL: nowhere */
	uint64_t offset;
};

/* The offset of the entry ROW; 0, which no object has, when it leads out of the index. */
static uint64_t offset_of(const struct pack *pack, uint32_t row)
{
	uint32_t offset = read32(pack->offsets + (size_t)row * (pack->large ? 4 : pack->stride));
	const unsigned char *end = pack->index.data + pack->index.len;
	size_t place;

	if (!pack->large || !(offset & 0x80000000u))
		return offset;
	place = (size_t)(offset & 0x7FFFFFFFu) * 8;
	return place + 8 <= (size_t)(end - pack->large) ? read64(pack->large + place) : 0;
}

static uint64_t name_at(const struct pack *pack, uint32_t row)
{
	return read64(pack->names + (size_t)row * pack->stride);
}

/* Narrows the rows from *LOW to *HIGH in which the name that begins as WANTED can be. Names are spread
 * evenly: it is near the place that the bits behind the first eight ask for. */
static void narrow(const struct pack *pack, uint64_t wanted, uint32_t *low, uint32_t *high)
{
	uint32_t guess = *low + (uint32_t)((wanted << 8 >> 32) * (uint64_t)(*high - *low) >> 32);
	uint32_t below = guess - *low > NEAR ? guess - NEAR : *low;
	uint32_t above = *high - guess > NEAR ? guess + NEAR : *high;

	if (below > *low && name_at(pack, below) <= wanted)
		*low = below;
	if (above < *high && name_at(pack, above) > wanted)
		*high = above;
}

/* The first eight bytes of a name decide nearly always. */
static uint64_t find_offset(const struct pack *pack, const unsigned char *id, size_t id_len)
{
	uint32_t low = *id ? read32(pack->fanout + (*id - 1) * 4) : 0, high = read32(pack->fanout + *id * 4);
	uint64_t wanted = read64(id), found;
	uint32_t middle;
	int order;

	if (high > pack->count)
		return 0;
	if (low < high)
		narrow(pack, wanted, &low, &high);
	while (low < high) {
		middle = low + (high - low) / 2;
		found = name_at(pack, middle);
		order = wanted < found	 ? -1
			: wanted > found ? 1
					 : memcmp(id, pack->names + (size_t)middle * pack->stride, id_len);
		if (order == 0)
			return offset_of(pack, middle);
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return 0;
}

/* A pack is mapped when it is first needed: there may be hundreds. */
static bool open_pack(struct dl_objects *objects, struct pack *pack)
{
	if (!pack->opened) {
		pack->opened = true;
		pack->pack = map_file(dl_arena_format(objects->arena, "%spack", pack->path));
	}
	return pack->pack.len > 12 + objects->id_len;
}

static struct place find_packed(struct dl_objects *objects, const unsigned char *id)
{
	struct place place = {objects->last, 0};

	if (place.pack)
		place.offset = find_offset(place.pack, id, objects->id_len);
	if (place.offset && open_pack(objects, place.pack))
		return place;
	for (place.pack = objects->packs; place.pack; place.pack = place.pack->next) {
		place.offset = find_offset(place.pack, id, objects->id_len);
		if (place.offset && open_pack(objects, place.pack)) {
			objects->last = place.pack;
			break;
		}
	}
	return place;
}

/* ------------------------------------------------------------------ packed objects */

/* What stands before the stream of an entry. */
struct entry {
	int type;                    /* of enum dl_object_kind, or a delta; 0: malformed */
	uint64_t size;               /* of what the stream holds */
	const unsigned char *stream;
	uint64_t base_offset;        /* of the entry that a delta is based on */
};

static const unsigned char *end_of(const struct dl_objects *objects, const struct pack *pack)
{
	return pack->pack.data + pack->pack.len - objects->id_len;
}

/* Seven bits a byte, the highest first, and one more for each byte but the last: there is one way to write
 * a number. 0: it does not end. */
static uint64_t read_distance(const unsigned char **bytes, const unsigned char *end)
{
	uint64_t value = 0;

	while (*bytes < end && value < UINT64_MAX >> 8) {
		unsigned char byte = *(*bytes)++;

		value |= byte & 0x7F;
		if (!(byte & 0x80))
			return value;
		value = (value + 1) << 7;
	}
	return 0;
}

/* Seven bits a byte, the lowest first, from the bit SHIFT on. */
static bool read_size(const unsigned char **bytes, const unsigned char *end, int shift, uint64_t *value)
{
	for (; *bytes < end && shift < 57; shift += 7) {
		unsigned char byte = *(*bytes)++;

		*value |= (uint64_t)(byte & 0x7F) << shift;
		if (!(byte & 0x80))
			return true;
	}
	return false;
}

static struct entry read_entry(const struct dl_objects *objects, const struct pack *pack, uint64_t offset)
{
	const unsigned char *end = end_of(objects, pack), *at = pack->pack.data + offset;
	const struct entry malformed = {0};
	struct entry entry = {0};
	uint64_t distance;

	if (offset >= pack->pack.len || at >= end)
		return malformed;
	entry.type = *at >> 4 & 7;
	entry.size = *at & 15;
	if (*at++ & 0x80 && !read_size(&at, end, 4, &entry.size))
		return malformed;
	if (entry.type == OFS_DELTA) {
		distance = read_distance(&at, end);
		if (!distance || distance >= offset)
			return malformed;
		entry.base_offset = offset - distance;
	} else if (entry.type == REF_DELTA) {
		if ((size_t)(end - at) < objects->id_len)
			return malformed;
		entry.base_offset = find_offset(pack, at, objects->id_len);
		at += objects->id_len;
		if (!entry.base_offset)
			return malformed;
	}
	entry.stream = at;
	return entry;
}

static bool is_delta(const struct entry *entry)
{
	return entry->type == OFS_DELTA || entry->type == REF_DELTA;
}

/* Room for SIZE bytes and a NUL; false: over the cap. */
static bool reserve(struct dl_objects *objects, struct area *area, uint64_t size)
{
	if (size >= DL_CAP_OBJECT)
		return false;
	if (area->room <= size) {
		area->room = size < 2048 ? 4096 : (size_t)size * 2;
		area->data = dl_arena_alloc(objects->arena, area->room);
	}
	area->data[size] = '\0';
	return true;
}

static bool inflate(struct dl_objects *objects, const struct pack *pack, const unsigned char *stream,
		    uint64_t size, struct area *area)
{
	return reserve(objects, area, size) &&
	       libdeflate_zlib_decompress(objects->inflater, stream, (size_t)(end_of(objects, pack) - stream),
					  area->data, size, NULL) == LIBDEFLATE_SUCCESS;
}

static struct slot *slot_of(struct dl_objects *objects, const struct pack *pack, uint64_t offset)
{
	uint64_t key = (offset ^ (uintptr_t)pack) * UINT64_C(0x9E3779B97F4A7C15);

	return &objects->slots[key >> 32 & (SLOTS - 1)];
}

static void keep(struct dl_objects *objects, const struct pack *pack, uint64_t offset,
		 const struct dl_object *object)
{
	struct slot *slot = slot_of(objects, pack, offset);

	if (object->len > LARGEST_KEPT)
		return;
	if (slot->room < object->len) {
		slot->room = object->len < 512 ? 1024 : object->len * 2;
		slot->data = dl_arena_alloc(objects->arena, slot->room);
	}
	slot->pack = pack;
	slot->offset = offset;
	slot->kind = object->kind;
	slot->len = object->len;
	memcpy(slot->data, object->data, object->len);
}

/* The offset and length that a copy instruction has, of which only the bytes that are not 0 are there. */
static bool read_copy(const unsigned char **at, const unsigned char *end, size_t *offset, size_t *len)
{
	unsigned char bits = *(*at)++;
	int i;

	*offset = *len = 0;
	for (i = 0; i < 7; i++) {
		if (!(bits >> i & 1))
			continue;
		if (*at >= end)
			return false;
		if (i < 4)
			*offset |= (size_t)*(*at)++ << 8 * i;
		else
			*len |= (size_t)*(*at)++ << 8 * (i - 4);
	}
	*len = *len ? *len : 0x10000;
	return true;
}

/* Applies the SIZE bytes in .delta to OBJECT: pieces of it and new bytes, in turn, to .result, which it then
 * is. */
static bool apply(struct dl_objects *objects, size_t size, struct dl_object *object)
{
	const unsigned char *at = (const unsigned char *)objects->delta.data, *end = at + size;
	uint64_t base_len = 0, len = 0;
	size_t done = 0, from, piece;
	char *result;

	if (!read_size(&at, end, 0, &base_len) || !read_size(&at, end, 0, &len) || base_len != object->len ||
	    !reserve(objects, &objects->result, len))
		return false;
	for (result = objects->result.data; at < end; done += piece) {
		if (*at & 0x80) {
			if (!read_copy(&at, end, &from, &piece) || from > base_len ||
			    piece > base_len - from || piece > len - done)
				return false;
			memcpy(result + done, object->data + from, piece);
		} else {
			piece = *at++;
			if (!piece || piece > (size_t)(end - at) || piece > len - done)
				return false;
			memcpy(result + done, at, piece);
			at += piece;
		}
	}
	object->data = result;
	object->len = done;
	return done == len;
}

/* Follows the deltas from the entry at OFFSET to the first base that is whole or kept, and puts that in
 * OBJECT. Returns how many deltas there are, in .chain, the nearest to the base last; -1: malformed. */
static int find_base(struct dl_objects *objects, const struct pack *pack, uint64_t offset,
		     struct dl_object *object)
{
	struct entry entry = read_entry(objects, pack, offset);
	const struct slot *slot;
	int count;

	for (count = 0; is_delta(&entry); count++) {
		if (count == MOST_DELTAS)
			return -1;
		objects->chain[count] = (struct delta){offset, entry.stream, entry.size};
		offset = entry.base_offset;
		slot = slot_of(objects, pack, offset);
		if (slot->pack == pack && slot->offset == offset) {
			*object = (struct dl_object){slot->kind, slot->data, slot->len};
			return count + 1;
		}
		entry = read_entry(objects, pack, offset);
	}
	if (entry.type < DL_OBJECT_COMMIT || entry.type > DL_OBJECT_TAG ||
	    !inflate(objects, pack, entry.stream, entry.size, &objects->result))
		return -1;
	*object = (struct dl_object){(enum dl_object_kind)entry.type, objects->result.data,
				     (size_t)entry.size};
	if (count)
		keep(objects, pack, offset, object);
	return count;
}

/* What was a result becomes the base of the next delta. */
static void swap(struct area *a, struct area *b)
{
	struct area area = *a;

	*a = *b;
	*b = area;
}

static bool read_packed(struct dl_objects *objects, struct place place, struct dl_object *object)
{
	int count = find_base(objects, place.pack, place.offset, object);
	const struct delta *delta;

	while (count > 0) {
		delta = &objects->chain[--count];
		swap(&objects->base, &objects->result);
		if (!inflate(objects, place.pack, delta->stream, delta->size, &objects->delta) ||
		    !apply(objects, (size_t)delta->size, object))
			return false;
		if (count)
			keep(objects, place.pack, delta->offset, object);
	}
	return count == 0;
}

/* ------------------------------------------------------------------ loose objects */

/* A loose object says how long it is only inside. */
static bool inflate_loose(struct dl_objects *objects, const struct map *file, size_t *len)
{
	enum libdeflate_result result = LIBDEFLATE_INSUFFICIENT_SPACE;
	size_t room;

	for (room = 4096; result == LIBDEFLATE_INSUFFICIENT_SPACE; room *= 4) {
		if (!reserve(objects, &objects->result, room))
			return false;
		result = libdeflate_zlib_decompress(objects->inflater, file->data, file->len,
						    objects->result.data, room, len);
	}
	if (result == LIBDEFLATE_SUCCESS)
		objects->result.data[*len] = '\0';
	return result == LIBDEFLATE_SUCCESS;
}

static bool read_loose(struct dl_objects *objects, const struct map *file, struct dl_object *object)
{
	static const char *const words[] = {"", "commit ", "tree ", "blob ", "tag "};
	const char *nul;
	size_t len;
	int kind;

	if (!inflate_loose(objects, file, &len) || !(nul = memchr(objects->result.data, '\0', len)))
		return false;
	for (kind = DL_OBJECT_COMMIT; kind <= DL_OBJECT_TAG; kind++)
		if (dl_text_starts(objects->result.data, words[kind]))
			break;
	object->kind = (enum dl_object_kind)kind;
	object->data = nul + 1;
	object->len = len - (size_t)(nul + 1 - objects->result.data);
	return kind <= DL_OBJECT_TAG &&
	       dl_text_int(objects->result.data + strlen(words[kind])) == (int64_t)object->len;
}

static struct map map_loose(struct dl_objects *objects, const unsigned char *id)
{
	char hex[DL_OBJECTS_HEX_MAX + 1], path[PATH_MAX];
	struct map map = {NULL, 0};
	size_t i;

	dl_objects_format_id(id, objects->id_len, hex);
	for (i = 0; i < objects->folder_count && !map.data; i++)
		if (snprintf(path, sizeof path, "%s/%.2s/%s", objects->folders[i], hex, hex + 2) <
		    (int)sizeof path)
			map = map_file(path);
	return map;
}

/* ------------------------------------------------------------------ any object */

/* 1: it is here; 0: it is not; -1: it is damaged. */
static int read_any(struct dl_objects *objects, const unsigned char *id, struct dl_object *object)
{
	struct place place = find_packed(objects, id);
	struct map file;
	bool sound;

	if (place.pack)
		return read_packed(objects, place, object) ? 1 : -1;
	file = map_loose(objects, id);
	if (!file.data)
		return 0;
	sound = read_loose(objects, &file, object);
	unmap(&file);
	return sound ? 1 : -1;
}

int dl_objects_read(struct dl_scope *scope, struct dl_objects *objects, const unsigned char *id,
		    struct dl_object *object)
{
	char hex[DL_OBJECTS_HEX_MAX + 1];
	int found = read_any(objects, id, object);

	/* git may have packed meanwhile what was loose. */
	if (!found && !objects->rescanned) {
		objects->rescanned = true;
		scan(objects);
		found = read_any(objects, id, object);
	}
	if (found > 0)
		return 0;
	dl_objects_format_id(id, objects->id_len, hex);
	if (found < 0)
		return dl_fail(scope, DL_DATA, "the object %s is damaged, or larger than %d bytes", hex,
			       DL_CAP_OBJECT);
	return dl_fail(scope, DL_MISSING, "the object %s is not in this repository", hex);
}

enum dl_object_kind dl_objects_kind(struct dl_objects *objects, const unsigned char *id)
{
	struct place place = find_packed(objects, id);
	struct dl_object object;
	struct entry entry;
	int count;

	if (!place.pack)
		return read_any(objects, id, &object) > 0 ? object.kind : DL_OBJECT_NONE;
	entry = read_entry(objects, place.pack, place.offset);
	for (count = 0; is_delta(&entry) && count < MOST_DELTAS; count++)
		entry = read_entry(objects, place.pack, entry.base_offset);
	return entry.type <= DL_OBJECT_TAG ? (enum dl_object_kind)entry.type : DL_OBJECT_NONE;
}

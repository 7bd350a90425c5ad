/* Stands in for libFuzzer: gives the target each file that is named, once. The file that a failure is
 * about is the last one that was printed. */
#include "tests/fuzz/fuzz.h"

/* A copy of exactly the file's size, so that a step over its end is seen. */
static bool try_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	long len = file && fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
	uint8_t *data = len >= 0 ? malloc((size_t)len) : NULL;
	bool read = false;

	printf("%s\n", path);
	fflush(stdout);
	if (file && (data || len == 0)) {
		rewind(file);
		read = fread(data, 1, (size_t)len, file) == (size_t)len;
	}
	if (file)
		fclose(file);
	if (read)
		LLVMFuzzerTestOneInput(data, (size_t)len);
	free(data);
	return read;
}

int main(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!try_file(argv[i])) {
			perror(argv[i]);
			return 1;
		}
	return argc < 2;
}

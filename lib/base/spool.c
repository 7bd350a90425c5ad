#include "lib/base/spool.h"

#include "lib/base/scope.h"

static int write_spool(struct dl_writer *writer, struct dl_scope *scope, const char *data, size_t len)
{
	struct dl_spool *spool = (struct dl_spool *)writer;

	if (!spool->file)
		spool->file = tmpfile();
	if (!spool->file || fwrite(data, 1, len, spool->file) != len)
		return dl_fail_errno(scope, "a temporary file cannot be written");
	return 0;
}

void dl_spool_open(struct dl_spool *spool)
{
	spool->writer.write = write_spool;
	spool->file = NULL;
}

int dl_spool_replay(struct dl_scope *scope, struct dl_spool *spool, struct dl_writer *writer)
{
	char chunk[64 << 10];
	int result = 0;
	size_t got;

	if (!spool->file)
		return 0;
	if (fflush(spool->file) || fseek(spool->file, 0, SEEK_SET))
		return dl_fail_errno(scope, "a temporary file cannot be read");
	while (result == 0 && (got = fread(chunk, 1, sizeof chunk, spool->file)) > 0)
		result = writer->write(writer, scope, chunk, got);
	return result == 0 && ferror(spool->file) ? dl_fail_errno(scope, "a temporary file cannot be read")
						  : result;
}

void dl_spool_close(struct dl_spool *spool)
{
	if (spool->file)
		fclose(spool->file);
	spool->file = NULL;
}

/* Registered types (https://www.iana.org/assignments/media-types) where there are any. Of several ends that
 * fit the first counts. */
#include "lib/base/mime.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

static const struct row {
	const char *end, *type;
} rows[] = {
	{".tar.gz", "application/gzip"},
	{".tgz", "application/gzip"},
	{".gz", "application/gzip"},
	{".tar.xz", "application/x-xz"},
	{".txz", "application/x-xz"},
	{".xz", "application/x-xz"},
	{".tar.bz2", "application/x-bzip2"},
	{".tbz2", "application/x-bzip2"},
	{".bz2", "application/x-bzip2"},
	{".tar.zst", "application/zstd"},
	{".zst", "application/zstd"},
	{".tar.lz", "application/lzip"},
	{".lz", "application/lzip"},
	{".tar", "application/x-tar"},
	{".zip", "application/zip"},
	{".whl", "application/zip"},
	{".vsix", "application/zip"},
	{".xpi", "application/x-xpinstall"},
	{".jar", "application/java-archive"},
	{".7z", "application/x-7z-compressed"},
	{".tcz.md5.txt", "text/plain"},
	{".tcz", "application/octet-stream"},
	{".iso", "application/x-iso9660-image"},
	{".img", "application/octet-stream"},
	{".qcow2", "application/x-qemu-disk"},
	{".deb", "application/vnd.debian.binary-package"},
	{".rpm", "application/x-rpm"},
	{".apk", "application/vnd.android.package-archive"},
	{".appimage", "application/vnd.appimage"},
	{".flatpak", "application/vnd.flatpak"},
	{".snap", "application/vnd.snap"},
	{".dmg", "application/x-apple-diskimage"},
	{".pkg", "application/octet-stream"},
	{".exe", "application/vnd.microsoft.portable-executable"},
	{".msi", "application/x-msi"},
	{".msix", "application/msix"},
	{".wasm", "application/wasm"},
	{".asc", "application/pgp-signature"},
	{".sig", "application/pgp-signature"},
	{".pem", "application/x-pem-file"},
	{".json", "application/json"},
	{".jsonl", "application/x-ndjson"},
	{".ndjson", "application/x-ndjson"},
	{".sigstore", "application/json"},
	{".sbom", "application/json"},
	{".xml", "application/xml"},
	{".yaml", "application/yaml"},
	{".yml", "application/yaml"},
	{".toml", "application/toml"},
	{".pdf", "application/pdf"},
	{".html", "text/html"},
	{".css", "text/css"},
	{".js", "text/javascript"},
	{".csv", "text/csv"},
	{".md", "text/markdown"},
	{".txt", "text/plain"},
	{".sha256", "text/plain"},
	{".sha512", "text/plain"},
	{".md5", "text/plain"},
	{"sha256sums", "text/plain"},
	{"sha512sums", "text/plain"},
	{"license", "text/plain"},
	{".sh", "application/x-sh"},
	{".png", "image/png"},
	{".jpg", "image/jpeg"},
	{".jpeg", "image/jpeg"},
	{".gif", "image/gif"},
	{".webp", "image/webp"},
	{".svg", "image/svg+xml"},
	{".ico", "image/vnd.microsoft.icon"},
	{".mp4", "video/mp4"},
	{".webm", "video/webm"},
};

const char *dl_mime_type(const char *name)
{
	size_t len = strlen(name), end, i;

	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		end = strlen(rows[i].end);
		if (len >= end && strcasecmp(name + len - end, rows[i].end) == 0)
			return rows[i].type;
	}
	return "application/octet-stream";
}

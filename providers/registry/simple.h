/* simple: the index of a Python package as JSON (PEP 691, PEP 700), which is also how the embedded registry
 * keeps its own, and as HTML (PEP 503).
 * https://packaging.python.org/en/latest/specifications/simple-repository-api/ */
#ifndef DL_SIMPLE_H
#define DL_SIMPLE_H

#include "lib/base/fail.h"
#include "lib/provider/provider.h"

struct dl_buf;
struct dl_json;
struct dl_scope;
struct dl_sink;

/* dl_simple_inspect(scope, upload, edition): the slot .inspect for distributions of Python; .detail is a
 * struct dl_dist. A file that is none by its name says nothing. */
DL_MUST_CHECK int dl_simple_inspect(struct dl_scope *scope, struct dl_upload *upload,
				    struct dl_edition *edition);

/* dl_simple_versions(scope, target, package, index, sink): the versions of PACKAGE, whose index is INDEX,
 * newest first, into SINK. One of which all files are yanked is yanked. As dl_sink_put. */
DL_MUST_CHECK int dl_simple_versions(struct dl_scope *scope, const struct dl_target *target,
				     const char *package, const struct dl_json *index, struct dl_sink *sink);

/* dl_simple_compare(index, upload): how UPLOAD compares with the file of its name in INDEX. */
enum dl_presence dl_simple_compare(const struct dl_json *index, const struct dl_upload *upload);

/* dl_simple_add(scope, index, edition, upload, json): appends to JSON the index INDEX (NULL: none yet) with
 * UPLOAD as one more file, or in place of the one of its name. */
void dl_simple_add(struct dl_scope *scope, const struct dl_json *index, const struct dl_edition *edition,
		   const struct dl_upload *upload, struct dl_buf *json);

/* dl_simple_html(index, html): appends INDEX as a web page to HTML. */
void dl_simple_html(const struct dl_json *index, struct dl_buf *html);

#endif

/* pyproject: where a project says that its packages go.
 * https://docs.astral.sh/uv/reference/settings/#publish-url, https://docs.astral.sh/uv/concepts/indexes/ */
#ifndef DL_PYPROJECT_H
#define DL_PYPROJECT_H

struct dl_json;
struct dl_scope;

/* dl_pyproject_config(scope, root): the slot .tree_config of struct dl_registry, by pyproject.toml: the
 * `publish-url` of [tool.uv], whose index is at `check-url`, or, where UV_PUBLISH_INDEX names one of the
 * [[tool.uv.index]], the `publish-url` of that, whose index is at `url`. DL_CONFIG: the file is malformed, or
 * has no such index. */
const struct dl_json *dl_pyproject_config(struct dl_scope *scope, const char *root);

#endif

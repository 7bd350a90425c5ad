/* oci_login: the credential that the user has for a registry of OCI artifacts, as docker, podman, skopeo and
 * oras keep it, and as a job of GitHub Actions or GitLab CI/CD is given it. */
#ifndef DL_OCI_LOGIN_H
#define DL_OCI_LOGIN_H

#include <stdbool.h>

#include "lib/provider/provider.h"

struct dl_scope;

/* dl_oci_login_is_hub(host): whether HOST is one of the names of Docker Hub, which people call docker.io, its
 * API registry-1.docker.io, and docker's files index.docker.io. */
bool dl_oci_login_is_hub(const char *host);

/* dl_oci_login_stored(scope, base): what is stored for the registry at BASE. In this order: the files
 * $DOCKER_CONFIG/config.json, $REGISTRY_AUTH_FILE, $XDG_RUNTIME_DIR/containers/auth.json,
 * $XDG_CONFIG_HOME/containers/auth.json, ~/.docker/config.json, of each the program docker-credential-NAME
 * that it names for the registry or for all, then what it says itself; then the variables of a CI job, for
 * the registry that goes with it. A failure is SCOPE's: DL_CONFIG, a file is malformed.
 * https://docs.docker.com/reference/cli/docker/login/, containers-auth.json(5) */
struct dl_stored dl_oci_login_stored(struct dl_scope *scope, const char *base);

#endif

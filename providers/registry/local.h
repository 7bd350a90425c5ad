/* local: the embedded package registry: a folder that `pip install --index-url file://FOLDER` reads. */
#ifndef DL_LOCAL_H
#define DL_LOCAL_H

#include "lib/provider/provider.h"

extern const struct dl_registry dl_local_registry; /* of providers/ci/local.c */

#endif

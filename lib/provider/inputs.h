/* inputs: the inputs a workflow is started with, checked before anything is sent. */
#ifndef DL_INPUTS_H
#define DL_INPUTS_H

#include "lib/base/fail.h"
#include "lib/data/opt.h"
#include "lib/provider/provider.h"

struct dl_buf;
struct dl_scope;

/* dl_inputs_read(scope, list, trigger): the inputs in LIST, each NAME=VALUE, become TRIGGER's. DL_USAGE: one
 * is not of that form, or is given twice. */
DL_MUST_CHECK int dl_inputs_read(struct dl_scope *scope, const struct dl_opt_list *list,
				 struct dl_trigger *trigger);

/* dl_inputs_check(scope, target, trigger): compares TRIGGER's inputs with what its workflow takes. 0 when
 * they fit, or when that is not known here; DL_USAGE: the message names every input that is unknown, missing
 * or none of the choices, the hint all that the workflow takes; other classes: the slot `inputs` has failed.
 */
DL_MUST_CHECK int dl_inputs_check(struct dl_scope *scope, const struct dl_target *target,
				  const struct dl_trigger *trigger);

/* dl_inputs_encode(buf, trigger): appends TRIGGER's inputs as a JSON object of texts. */
void dl_inputs_encode(struct dl_buf *buf, const struct dl_trigger *trigger);

#endif

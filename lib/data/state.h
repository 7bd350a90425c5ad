/* state: the two vocabularies of a run, and the tables that translate a provider's words into them. */
#ifndef DL_STATE_H
#define DL_STATE_H

#include <stdbool.h>

#include "lib/base/fail.h"

struct dl_scope;

enum dl_status { DL_STATUS_NULL, DL_QUEUED, DL_IN_PROGRESS, DL_COMPLETED };

/* Null unless the status is DL_COMPLETED. */
enum dl_conclusion {
	DL_CONCLUSION_NULL,
	DL_SUCCESS,
	DL_FAILURE,
	DL_TIMED_OUT,
	DL_CANCELLED,
	DL_NEUTRAL,
	DL_SKIPPED,
	DL_STALE,
	DL_ACTION_REQUIRED,
};

/* The words in the records, by value; [0] and the end are NULL. */
extern const char *const dl_state_status_words[];
extern const char *const dl_state_conclusion_words[];

/* One row of a provider's table. Rows are tried in order, the first hit wins; the table ends with a row of
 * two NULLs. */
struct dl_state {
	const char *raw_status;     /* NULL: any */
	const char *raw_conclusion; /* NULL: any, also none */
	enum dl_status status;
	enum dl_conclusion conclusion;
	bool needs_action;
};

/* What a provider's words mean. */
struct dl_state_result {
	int status;             /* enum dl_status */
	int conclusion;         /* enum dl_conclusion */
	const char *raw_status; /* the word that decided: the conclusion's where there was one */
	int needs_action;       /* 0 or 1 */
};

/* dl_state_find(table, raw_status, raw_conclusion): what the words mean. Words that TABLE has not are never a
 * success and never an end: DL_IN_PROGRESS. */
struct dl_state_result dl_state_find(const struct dl_state *table, const char *raw_status,
				     const char *raw_conclusion);

/* dl_state_index(words, word): the value of WORD in one of the two lists; 0 when it has not. */
int dl_state_index(const char *const *words, const char *word);

/* dl_state_wanted(status, conclusion, needs_action, list): whether a run in this state is asked for by LIST,
 * words of both vocabularies separated by commas (`queued,failure`); "action_required" also takes what needs
 * action. NULL asks for all. */
bool dl_state_wanted(int status, int conclusion, bool needs_action, const char *list);

/* dl_state_check(scope, list): DL_USAGE naming the first word of LIST that is in neither vocabulary. */
DL_MUST_CHECK int dl_state_check(struct dl_scope *scope, const char *list);

#endif

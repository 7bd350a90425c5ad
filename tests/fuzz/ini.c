/* What is read stands in the order of its lines, and the TOML that spells it is read as the same. */
#include "lib/data/ini.h"

#include "lib/data/json.h"
#include "tests/fuzz/fuzz.h"

/* Appends TEXT as a basic string of TOML. */
static void quote(struct dl_buf *out, const char *text)
{
	dl_buf_putc(out, '"');
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f || *text == '"' || *text == '\\')
			dl_buf_printf(out, "\\u%04x", (unsigned char)*text);
		else
			dl_buf_putc(out, *text);
	}
	dl_buf_putc(out, '"');
}

/* INI as TOML: what is between quotes may hold anything. */
static void check_again(struct dl_scope *scope, const struct dl_ini *ini)
{
	struct dl_ini again;
	struct dl_buf text;
	size_t i;

	dl_buf_init(&text, &scope->arena, FUZZ_CAP);
	for (i = 0; i < ini->count; i++) {
		if (strlen(ini->entries[i].key) > 256)
			return;
		quote(&text, ini->entries[i].key);
		dl_buf_puts(&text, " = ");
		quote(&text, ini->entries[i].value);
		dl_buf_putc(&text, '\n');
	}
	/* Characters that may not be shown can be spelled by the escapes of quoted values alone. */
	if (!fuzz_clean(text.data, text.len))
		return;
	HOLDS(dl_ini_parse(scope, "again", DL_INI_TOML, text.data, text.len, &again) == 0);
	HOLDS(again.count == ini->count);
	for (i = 0; i < ini->count; i++) {
		HOLDS(strcmp(again.entries[i].key, ini->entries[i].key) == 0);
		HOLDS(strcmp(again.entries[i].value, ini->entries[i].value) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_rest rest = {(const char *)data, size};
	enum dl_ini_dialect dialect = (enum dl_ini_dialect)(fuzz_byte(&rest) % 3);
	struct dl_scope scope;
	struct dl_ini ini;
	size_t i;

	dl_scope_open(&scope, NULL);
	if (dl_ini_parse(&scope, "f", dialect, rest.data, rest.len, &ini)) {
		HOLDS(fuzz_failed(&scope, DL_CONFIG) && dl_text_starts(scope.error.message, "f:"));
		HOLDS(ini.count == 0);
	}
	for (i = 0; i < ini.count; i++) {
		HOLDS(*ini.entries[i].key || dialect == DL_INI_TOML);
		HOLDS(ini.entries[i].line >= (i ? ini.entries[i - 1].line : 1));
		HOLDS(ini.entries[i].table >= (i ? ini.entries[i - 1].table : 0));
		HOLDS(dl_ini_get(&ini, ini.entries[i].section, ini.entries[i].key) != NULL);
	}
	check_again(&scope, &ini);
	dl_scope_close(&scope);
	return 0;
}

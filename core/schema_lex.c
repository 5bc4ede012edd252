#include "core/schema_lex.h"

#include <sqlite3.h>
#include <string.h>
#include <strings.h>

#include "core/schema_int.h"

static bool
is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_' || c == '$' ||
	    (unsigned char)c >= 0x80;
}

/* White space and both forms of comments. */
static void
skip_space(struct lexer *l)
{
	while (l->p < l->end) {
		if (strchr(" \t\r\n\f", *l->p) != NULL && *l->p != '\0') {
			l->p++;
		} else if (l->end - l->p >= 2 && memcmp(l->p, "--", 2) == 0) {
			while (l->p < l->end && *l->p != '\n')
				l->p++;
		} else if (l->end - l->p >= 2 && memcmp(l->p, "/*", 2) == 0) {
			l->p += 2;
			while (l->p < l->end &&
			    !(l->end - l->p >= 2 && memcmp(l->p, "*/", 2) == 0))
				l->p++;
			l->p += l->end - l->p >= 2 ? 2 : 0;
		} else {
			return;
		}
	}
}

struct token
lex_next(struct lexer *l)
{
	struct token t = { T_END, NULL, 0 };
	char close;

	skip_space(l);
	t.text = l->p;
	if (l->p >= l->end)
		return t;
	if (strchr("'\"`[", *l->p) != NULL) {
		t.kind = *l->p == '\'' ? T_STRING : T_NAME;
		close = *l->p == '[' ? ']' : *l->p;
		for (l->p++; l->p < l->end; l->p++) {
			if (*l->p != close)
				continue;
			if (close == ']' || l->p + 1 >= l->end ||
			    l->p[1] != close)
				break;
			l->p++;
		}
		l->p += l->p < l->end ? 1 : 0;
	} else if (is_word_char(*l->p)) {
		t.kind = T_WORD;
		while (l->p < l->end && is_word_char(*l->p))
			l->p++;
	} else {
		t.kind = T_OTHER;
		l->p++;
	}
	t.len = (size_t)(l->p - t.text);
	return t;
}

bool
lex_is_word(const struct token *t, const char *word)
{
	return t->kind == T_WORD && strlen(word) == t->len &&
	    strncasecmp(t->text, word, t->len) == 0;
}

bool
lex_is_char(const struct token *t, char c)
{
	return t->kind == T_OTHER && *t->text == c;
}

/* The next character of a name, without its quotes; ${at} begins at 0. */
static bool
name_char(const struct token *t, size_t *at, char *c)
{
	bool quoted = t->kind != T_WORD;

	if (quoted && *at == 0)
		*at = 1;
	if (*at + quoted >= t->len)
		return false;
	*c = t->text[(*at)++];
	/* A quote within stands twice. */
	if (quoted && *c == t->text[t->len - 1])
		(*at)++;
	return true;
}

void
lex_add_name(struct buf *b, const struct token *t)
{
	size_t at = 0;
	char c;

	while (name_char(t, &at, &c))
		buf_addc(b, c);
}

bool
lex_is_name(const struct token *t, const char *name)
{
	size_t at = 0;
	char c;

	if (t->kind == T_END || t->kind == T_OTHER)
		return false;
	while (name_char(t, &at, &c)) {
		if (sqlite3_strnicmp(&c, name, 1) != 0)
			return false;
		name++;
	}
	return *name == '\0';
}

void
lex_skip_parens(struct lexer *l)
{
	int depth = 1;
	struct token t;

	while (depth > 0 && (t = lex_next(l)).kind != T_END) {
		if (lex_is_char(&t, '('))
			depth++;
		else if (lex_is_char(&t, ')'))
			depth--;
	}
}

#include "core/schema_lex.h"

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

void
lex_add_name(struct buf *b, const struct token *t)
{
	if (t->kind == T_WORD) {
		buf_add(b, t->text, t->len);
		return;
	}
	for (size_t i = 1; i + 1 < t->len; i++) {
		buf_addc(b, t->text[i]);
		if (t->text[i] == t->text[t->len - 1])
			i++;
	}
}

bool
lex_is_name(const struct token *t, const char *name)
{
	struct buf b;
	bool same;

	if (t->kind == T_END || t->kind == T_OTHER)
		return false;
	buf_init(&b, SCHEMA_SQL_MAX);
	lex_add_name(&b, t);
	same = schema_same(buf_str(&b), name);
	buf_free(&b);
	return same;
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

#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include "core/schema_int.h"

enum token_kind { T_END, T_WORD, T_NAME, T_STRING, T_OTHER };

struct token {
	enum token_kind kind;
	const char *text;
	size_t len;
};

struct lexer {
	const char *p;
	const char *end;
};

static void
add_quoted(struct buf *b, const char *s, char quote)
{
	buf_addc(b, quote);
	for (; *s != '\0'; s++) {
		if (*s == quote)
			buf_addc(b, quote);
		buf_addc(b, *s);
	}
	buf_addc(b, quote);
}

void
sql_add(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	for (; *fmt != '\0'; fmt++) {
		if (*fmt != '%') {
			buf_addc(b, *fmt);
			continue;
		}
		switch (*++fmt) {
		case 'i':
			add_quoted(b, va_arg(ap, const char *), '"');
			break;
		case 'l':
			add_quoted(b, va_arg(ap, const char *), '\'');
			break;
		case 't':
			buf_addz(b, va_arg(ap, const char *));
			break;
		case 'n':
			buf_addf(b, "%lld", (long long)va_arg(ap, int64_t));
			break;
		default:
			b->failed = true;
			va_end(ap);
			return;
		}
	}
	va_end(ap);
}

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
			while (l->p < l->end && !(l->end - l->p >= 2 &&
			    memcmp(l->p, "*/", 2) == 0))
				l->p++;
			l->p += l->end - l->p >= 2 ? 2 : 0;
		} else {
			return;
		}
	}
}

static struct token
next_token(struct lexer *l)
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

static bool
is_word(const struct token *t, const char *word)
{
	return t->kind == T_WORD && strlen(word) == t->len &&
	    strncasecmp(t->text, word, t->len) == 0;
}

static bool
is_char(const struct token *t, char c)
{
	return t->kind == T_OTHER && *t->text == c;
}

/* The name that a token spells, without its quotes. */
static void
add_name(struct buf *b, const struct token *t)
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

static bool
is_name(const struct token *t, const char *name)
{
	struct buf b;
	bool same;

	if (t->kind == T_END || t->kind == T_OTHER)
		return false;
	buf_init(&b, SCHEMA_SQL_MAX);
	add_name(&b, t);
	same = schema_same(buf_str(&b), name);
	buf_free(&b);
	return same;
}

/* Read on to behind the parenthesis that closes the one just read. */
static void
skip_parens(struct lexer *l)
{
	int depth = 1;
	struct token t;

	while (depth > 0 && (t = next_token(l)).kind != T_END) {
		if (is_char(&t, '('))
			depth++;
		else if (is_char(&t, ')'))
			depth--;
	}
}

bool
ddl_has_word(const char *text, size_t len, const char *word)
{
	struct lexer l = { text, text + len };
	struct token t;

	while ((t = next_token(&l)).kind != T_END) {
		if (is_char(&t, '('))
			skip_parens(&l);
		else if (is_word(&t, word))
			return true;
	}
	return false;
}

static bool
constraint_kind(const struct token *t, enum ddl_kind *kind)
{
	static const struct { const char *word; enum ddl_kind kind; } kinds[] = {
		{ "PRIMARY", DDL_PRIMARY }, { "UNIQUE", DDL_UNIQUE },
		{ "CHECK", DDL_CHECK }, { "FOREIGN", DDL_FOREIGN },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (is_word(t, kinds[i].word)) {
			*kind = kinds[i].kind;
			return true;
		}
	}
	return false;
}

static int
add_part(struct pool *pool, struct ddl_part ***last, enum ddl_kind kind,
    const struct token *name, const char *start, const char *end,
    struct err *err)
{
	struct ddl_part *part;
	struct buf b;

	if ((part = pool_get(pool, sizeof(*part), err)) == NULL)
		return -1;
	part->kind = kind;
	part->text = start;
	part->len = (size_t)(end - start);
	if (name != NULL) {
		buf_init(&b, SCHEMA_SQL_MAX);
		add_name(&b, name);
		part->name = pool_text(pool, buf_str(&b), b.len, err);
		buf_free(&b);
		if (part->name == NULL)
			return -1;
	}
	**last = part;
	*last = &part->next;
	return 0;
}

/*
 * Split a run of table constraints; SQLite lets the commas between them be
 * left out.
 */
static int
split_constraints(struct pool *pool, struct ddl_part ***last,
    const char *start, const char *end, struct err *err)
{
	struct lexer l = { start, end };
	const char *from = start;
	const char *to = start;
	enum ddl_kind kind = DDL_CHECK;
	enum ddl_kind next;
	bool typed = false;
	bool named = false;
	struct token t;

	while ((t = next_token(&l)).kind != T_END) {
		bool name = is_word(&t, "CONSTRAINT");
		bool type = constraint_kind(&t, &next);

		if (typed && (name || type)) {
			if (add_part(pool, last, kind, NULL, from, to, err))
				return -1;
			typed = false;
			named = false;
			from = t.text;
		}
		if (name && !named) {
			named = true;
			(void)next_token(&l);
		} else if (type) {
			kind = next;
			typed = true;
		} else if (is_char(&t, '(')) {
			skip_parens(&l);
		}
		to = l.p;
	}
	return typed ? add_part(pool, last, kind, NULL, from, to, err) : 0;
}

/* One piece between two commas. */
static int
add_piece(struct pool *pool, struct ddl_part ***last, const char *start,
    const char *end, struct err *err)
{
	struct lexer l = { start, end };
	struct token first = next_token(&l);
	enum ddl_kind kind;

	if (first.kind == T_END)
		return 0;
	if (is_word(&first, "CONSTRAINT") || constraint_kind(&first, &kind))
		return split_constraints(pool, last, first.text, end, err);
	return add_part(pool, last, DDL_COLUMN, &first, first.text, end, err);
}

int
ddl_parse(struct pool *pool, struct s_table *table, struct err *err)
{
	struct lexer l = { table->sql, table->sql + strlen(table->sql) };
	struct ddl_part **last = &table->ddl.parts;
	const char *start = NULL;
	const char *end = NULL;
	struct token t;

	while ((t = next_token(&l)).kind != T_END && !is_char(&t, '(')) {
		if (is_word(&t, "VIRTUAL")) {
			table->ddl.is_virtual = true;
			return 0;
		}
	}
	start = end = l.p;
	while ((t = next_token(&l)).kind != T_END) {
		bool close = is_char(&t, ')');

		if (close || is_char(&t, ',')) {
			if (add_piece(pool, &last, start, end, err))
				return -1;
			start = l.p;
			if (close)
				break;
		} else if (is_char(&t, '(')) {
			skip_parens(&l);
		}
		end = l.p;
	}
	table->ddl.without_rowid = ddl_has_word(l.p, (size_t)(l.end - l.p),
	    "WITHOUT");
	table->ddl.strict = ddl_has_word(l.p, (size_t)(l.end - l.p), "STRICT");
	return 0;
}

/* Whether the parenthesis just opened names an unknown column; skips it. */
static bool
parens_unknown(struct lexer *l, const struct s_table *table)
{
	struct lexer start = *l;
	struct token t;

	skip_parens(l);
	start.end = l->p;
	while ((t = next_token(&start)).kind != T_END) {
		for (const struct s_column *c = table->columns; c != NULL;
		    c = c->next) {
			if (!c->known && is_name(&t, c->name))
				return true;
		}
	}
	return false;
}

bool
ddl_mentions_unknown(const struct ddl_part *part, const struct s_table *table)
{
	struct lexer l = { part->text, part->text + part->len };
	struct token t;

	while ((t = next_token(&l)).kind != T_END) {
		if (is_char(&t, '('))
			return parens_unknown(&l, table);
	}
	return false;
}

size_t
ddl_checks(const struct ddl_part *part, const struct s_table *table,
    struct buf *b)
{
	struct lexer l = { part->text, part->text + part->len };
	struct token t;
	const char *check = NULL;
	size_t n = 0;

	(void)next_token(&l);
	while ((t = next_token(&l)).kind != T_END) {
		if (is_word(&t, "CHECK")) {
			check = t.text;
			continue;
		}
		if (!is_char(&t, '('))
			continue;
		if (check == NULL) {
			skip_parens(&l);
		} else if (!parens_unknown(&l, table)) {
			n++;
		} else if (b != NULL) {
			buf_addz(b, ",\n\t");
			buf_add(b, check, (size_t)(l.p - check));
		}
		check = NULL;
	}
	return n;
}

/* Read over what may follow PRIMARY; the token behind it is returned. */
static struct token
skip_key(struct lexer *l, bool column)
{
	struct token t = next_token(l);		/* KEY */

	t = next_token(l);
	if (!column)
		return t;
	if (is_word(&t, "ASC") || is_word(&t, "DESC"))
		t = next_token(l);
	if (is_word(&t, "ON")) {
		(void)next_token(l);		/* CONFLICT */
		(void)next_token(l);
		t = next_token(l);
	}
	if (is_word(&t, "AUTOINCREMENT"))
		t = next_token(l);
	return t;
}

void
ddl_add_unkeyed(struct buf *b, const struct ddl_part *part, bool strict)
{
	struct lexer l = { part->text, part->text + part->len };
	bool column = part->kind == DDL_COLUMN;
	const char *from = part->text;
	struct token t;

	if (column)
		(void)next_token(&l);
	for (size_t i = 0; (t = next_token(&l)).kind != T_END; i++) {
		if (is_word(&t, "PRIMARY")) {
			buf_add(b, from, (size_t)(t.text - from));
			buf_addz(b, "UNIQUE ");
			t = skip_key(&l, column);
			from = t.text;
		} else if (column && strict && i == 0 && is_word(&t, "ANY")) {
			buf_add(b, from, (size_t)(t.text - from));
			from = l.p;
		}
		if (is_char(&t, '('))
			skip_parens(&l);
	}
	buf_add(b, from, (size_t)(part->text + part->len - from));
}

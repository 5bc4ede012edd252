#ifndef CORE_SCHEMA_LEX_H
#define CORE_SCHEMA_LEX_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"

/* SQL text as SQLite's tokenizer splits it, as far as names need it. */

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

/*
 * lex_next(l):
 * Return the next token behind white space and comments; T_END stands at the
 * end of the text.
 */
struct token lex_next(struct lexer *l);

/*
 * lex_skip_parens(l):
 * Read on to behind the parenthesis that closes the one just read.
 */
void lex_skip_parens(struct lexer *l);

/*
 * lex_is_word(t, word), lex_is_char(t, c), lex_is_name(t, name):
 * Tell whether ${t} is a keyword, one character, or a name in any quotes.
 */
bool lex_is_word(const struct token *t, const char *word);
bool lex_is_char(const struct token *t, char c);
bool lex_is_name(const struct token *t, const char *name);

/*
 * lex_add_name(b, t):
 * Append the name that ${t} spells, without its quotes.
 */
void lex_add_name(struct buf *b, const struct token *t);

#endif

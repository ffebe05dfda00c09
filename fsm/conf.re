/* conf: the lexer of Cloister's configuration language. Page: spec/conf.md. */
#include "gen/conf.h"

/*!re2c
	re2c:api = custom;
	re2c:api:style = free-form;
	re2c:define:YYCTYPE = "uint8_t";
	re2c:define:YYPEEK = "(i < n ? bytes[i] : 0)";
	re2c:define:YYSKIP = "if (i < n) i++;";
	re2c:yyfill:enable = 0;

	plain      = [\t\x20-\x7e\x80-\xff];
	space      = [ \t]+;
	comment    = "#" plain*;
	newline    = "\r"? "\n";
	boolean    = "true" | "false";
	integer    = "-"? ("0" | [1-9] ("_"? [0-9])*);
	word       = [A-Za-z0-9_-]+;
	in_string  = (plain \ ["\\]) | "\\" plain;
	string     = ["] in_string* ["];
	in_literal = plain \ ['];
	literal    = ['] in_literal* ['];
	multiline  = ["]{3} | [']{3};
	open       = ["] in_string* "\\"? | ['] in_literal*;
*/

/* No token but CONF_BAD begins with a NUL, so the 0 that is read behind the end ends each token.
 * None needs a byte given back, either: every prefix of a token is a token. That keeps what is
 * remembered down to `i`, and the loop provable. */
enum conf_token conf_lex(const uint8_t *bytes, size_t n, size_t *size)
{
	size_t i = 0;
	enum conf_token token = CONF_END;

	if (n == 0)
		goto out;
	/*@ loop invariant in_slice: 0 <= i <= n;
	    loop invariant moved: yystate == 0 <==> i == 0;
	    loop invariant state: yystate <= LAST;
	    loop invariant peeked: PEEKED ==> yych == (i < n ? bytes[i] : 0);
	    loop invariant no_control: !ONLY(CONF_NEWLINE, CONF_BAD) ==> conf_all_text(bytes, i);
	    loop invariant return_first: MAY(CONF_NEWLINE) && !ENDS ==> i <= 1;
	    loop invariant newline: ONLY(CONF_NEWLINE) ==> i <= 2 && bytes[i - 1] == '\n';
	    loop invariant blanks: ONLY(CONF_SPACE) ==> conf_all_blank(bytes, i);
	    loop invariant bare: ONLY(CONF_WORD, CONF_INTEGER, CONF_BOOLEAN) ==>
	      conf_all_bare(bytes, i);
	    loop invariant digits: MAY(CONF_INTEGER) ==> conf_all_digits(bytes, i);
	    loop invariant comment: MAY(CONF_COMMENT) && i > 0 ==> bytes[0] == '#';
	    loop invariant string: MAY(CONF_STRING) && i > 0 ==> bytes[0] == '"';
	    loop invariant literal: MAY(CONF_LITERAL) && i > 0 ==> bytes[0] == '\'';
	    loop invariant string_end: MAY(CONF_STRING) && ONLY(CONF_STRING, CONF_MULTILINE) ==>
	      i >= 2 && bytes[i - 1] == '"';
	    loop invariant literal_end: MAY(CONF_LITERAL) && ONLY(CONF_LITERAL, CONF_MULTILINE) ==>
	      i >= 2 && bytes[i - 1] == '\'';
	    loop assigns i, yystate, yych;
	    loop variant 3 * (n - i) + (ENDS ? 0 : PEEKED ? 1 : 2); */
	/*!re2c
	space      { token = CONF_SPACE; goto out; }
	comment    { token = CONF_COMMENT; goto out; }
	newline    { token = CONF_NEWLINE; goto out; }
	boolean    { token = CONF_BOOLEAN; goto out; }
	integer    { token = CONF_INTEGER; goto out; }
	word       { token = CONF_WORD; goto out; }
	string     { token = CONF_STRING; goto out; }
	literal    { token = CONF_LITERAL; goto out; }
	"="        { token = CONF_EQUALS; goto out; }
	"."        { token = CONF_DOT; goto out; }
	","        { token = CONF_COMMA; goto out; }
	"["        { token = CONF_OPEN; goto out; }
	"]"        { token = CONF_CLOSE; goto out; }
	"[["       { token = CONF_OPEN_PAIR; goto out; }
	"]]"       { token = CONF_CLOSE_PAIR; goto out; }
	multiline  { token = CONF_MULTILINE; goto out; }
	[{}]       { token = CONF_BRACE; goto out; }
	"+"        { token = CONF_PLUS; goto out; }
	open       { token = CONF_OPEN_STRING; goto out; }
	*          { token = CONF_BAD; goto out; }
	*/
out:
	*size = i;
	return token;
}

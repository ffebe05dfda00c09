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
	    loop invariant first: i > 0 ==> (bytes[0] == '=' ==> ONLY(CONF_EQUALS)) &&
	      (bytes[0] == '.' ==> ONLY(CONF_DOT)) && (bytes[0] == ',' ==> ONLY(CONF_COMMA)) &&
	      (bytes[0] == '+' ==> ONLY(CONF_PLUS)) && (bytes[0] == '#' ==> ONLY(CONF_COMMENT)) &&
	      (bytes[0] == '{' || bytes[0] == '}' ==> ONLY(CONF_BRACE)) &&
	      (bytes[0] == '[' ==> ONLY(CONF_OPEN, CONF_OPEN_PAIR)) &&
	      (bytes[0] == ']' ==> ONLY(CONF_CLOSE, CONF_CLOSE_PAIR)) &&
	      (bytes[0] == ' ' || bytes[0] == '\t' ==> ONLY(CONF_SPACE)) &&
	      (bytes[0] == '\n' ==> ONLY(CONF_NEWLINE)) &&
	      (bytes[0] == '\r' ==> ONLY(CONF_NEWLINE, CONF_BAD)) &&
	      (bytes[0] == '"' ==> ONLY(CONF_STRING, CONF_MULTILINE, CONF_OPEN_STRING)) &&
	      (bytes[0] == '\'' ==> ONLY(CONF_LITERAL, CONF_MULTILINE, CONF_OPEN_STRING)) &&
	      (conf_is_bare(bytes[0]) ==> ONLY(CONF_WORD, CONF_INTEGER, CONF_BOOLEAN)) &&
	      (conf_begins_none(bytes[0]) ==> ONLY(CONF_BAD));
	    loop invariant one_byte: ONLY(CONF_EQUALS, CONF_DOT, CONF_COMMA, CONF_PLUS, CONF_BRACE) ||
	      ONLY(CONF_OPEN, CONF_CLOSE, CONF_BAD) ==> i == 1;
	    loop invariant second: i > 1 && (bytes[0] == '[' || bytes[0] == ']') ==>
	      i == 2 && bytes[1] == bytes[0] && ONLY(CONF_OPEN_PAIR, CONF_CLOSE_PAIR);
	    loop invariant single: ONLY(CONF_OPEN, CONF_CLOSE) && i < n ==> bytes[1] != bytes[0];
	    loop invariant pair: ONLY(CONF_OPEN_PAIR, CONF_CLOSE_PAIR) ==> i == 2;
	    loop invariant return_alone: i == 1 && bytes[0] == '\r' && ONLY(CONF_BAD) && i < n ==>
	      bytes[1] != '\n';
	    loop invariant return_newline: i > 1 && MAY(CONF_NEWLINE) ==>
	      i == 2 && bytes[0] == '\r' && bytes[1] == '\n';
	    loop invariant one_quote: i > 0 && MAY(CONF_MULTILINE) && MAY(CONF_OPEN_STRING) ==> i == 1;
	    loop invariant two_quotes: MAY(CONF_MULTILINE) && !MAY(CONF_OPEN_STRING) &&
	      !ONLY(CONF_MULTILINE) ==> i == 2 && bytes[1] == bytes[0];
	    loop invariant three_quotes: ONLY(CONF_MULTILINE) ==> i == 3 &&
	      bytes[1] == bytes[0] && bytes[2] == bytes[0];
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

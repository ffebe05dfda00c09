/* conf_text: see conf_text.h. */
#include "runtime/kernel/conf_text.h"

static int is_hexadecimal(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static uint32_t hexadecimal(uint8_t c)
{
	if (c <= '9')
		return (uint32_t)c - '0';
	return c >= 'a' ? (uint32_t)c - 'a' + 10u : (uint32_t)c - 'A' + 10u;
}

/* The number in text[0..digits), 4 or 8 of them; above all code points where it is none. */
static uint32_t code_point(const uint8_t *text, size_t digits)
{
	uint32_t code = 0;

	/*@ loop invariant 0 <= i <= digits;
	    loop invariant 0 <= code <= 0x10ffff;
	    loop invariant (i == 0 ==> code == 0) && (i == 1 ==> code <= 0xf) &&
	      (i == 2 ==> code <= 0xff) && (i == 3 ==> code <= 0xfff) &&
	      (i == 4 ==> code <= 0xffff);
	    loop assigns i, code;
	    loop variant digits - i; */
	for (size_t i = 0; i < digits; i++) {
		if (!is_hexadecimal(text[i]) || code > 0x10ffffu / 16u)
			return UINT32_MAX;
		code = 16u * code + hexadecimal(text[i]);
	}
	return code;
}

/* UTF-8 of a code point that has one; returns its 1 to 4 bytes, which out has room for. */
static size_t encode(uint32_t code, char *out)
{
	if (code < 0x80u) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800u) {
		out[0] = (char)(0xc0u + code / 64u);
		out[1] = (char)(0x80u + code % 64u);
		return 2;
	}
	if (code < 0x10000u) {
		out[0] = (char)(0xe0u + code / 4096u);
		out[1] = (char)(0x80u + code / 64u % 64u);
		out[2] = (char)(0x80u + code % 64u);
		return 3;
	}
	out[0] = (char)(0xf0u + code / 262144u);
	out[1] = (char)(0x80u + code / 4096u % 64u);
	out[2] = (char)(0x80u + code / 64u % 64u);
	out[3] = (char)(0x80u + code % 64u);
	return 4;
}

/* What the letter of a two-byte escape stands for; 0 where there is no such escape. */
static char short_escape(uint8_t letter)
{
	switch (letter) {
	case 'b':
		return '\b';
	case 't':
		return '\t';
	case 'n':
		return '\n';
	case 'f':
		return '\f';
	case 'r':
		return '\r';
	case '"':
		return '"';
	case '\\':
		return '\\';
	default:
		return '\0';
	}
}

/* One escape at the front of text[0..n), n >= 1. *used is its length, *size what it wrote. */
static enum conf_text_result escape(
	const uint8_t *text, size_t n, char *out, size_t *used, size_t *size)
{
	size_t digits;
	uint32_t code;

	*used = 0;
	*size = 0;
	if (n < 2)
		return CONF_TEXT_ESCAPE;
	if (text[1] != 'u' && text[1] != 'U') {
		out[0] = short_escape(text[1]);
		*used = 2;
		*size = 1;
		return out[0] != '\0' ? CONF_TEXT_OK : CONF_TEXT_ESCAPE;
	}
	digits = text[1] == 'u' ? 4 : 8;
	if (n - 2 < digits)
		return CONF_TEXT_ESCAPE;
	code = code_point(text + 2, digits);
	if (code > 0x10ffffu || (code >= 0xd800u && code <= 0xdfffu))
		return CONF_TEXT_ESCAPE;
	if (code == 0)
		return CONF_TEXT_NUL;
	*used = digits + 2;
	*size = encode(code, out);
	return CONF_TEXT_OK;
}

enum conf_text_result conf_text_string(
	const uint8_t *text, size_t n, char *out, size_t *size, size_t *at)
{
	size_t i = 0, written = 0, used, more;
	enum conf_text_result result = CONF_TEXT_OK;

	/*@ loop invariant 0 <= written <= i <= n;
	    loop invariant result == CONF_TEXT_OK;
	    loop assigns i, written, used, more, result, out[0 .. n-1];
	    loop variant n - i; */
	while (i < n) {
		if (text[i] != '\\') {
			out[written++] = (char)text[i++];
			continue;
		}
		result = escape(text + i, n - i, out + written, &used, &more);
		if (result != CONF_TEXT_OK)
			break;
		i += used;
		written += more;
	}
	*size = written;
	*at = i;
	return result;
}

int conf_text_integer(const uint8_t *text, size_t n, int64_t *number)
{
	int negative = n > 0 && text[0] == '-';
	uint64_t limit = negative ? (uint64_t)INT64_MAX + 1u : (uint64_t)INT64_MAX;
	uint64_t value = 0;

	/*@ loop invariant negative <= i <= n || (negative == 1 && i == 1);
	    loop invariant value <= limit;
	    loop assigns i, value;
	    loop variant n - i; */
	for (size_t i = (size_t)negative; i < n; i++) {
		uint64_t digit;

		if (text[i] < '0' || text[i] > '9')
			continue;
		digit = (uint64_t)text[i] - '0';
		if (value > (limit - digit) / 10u)
			return -1;
		value = 10u * value + digit;
	}
	if (negative)
		*number = value == 0 ? 0 : -(int64_t)(value - 1u) - 1;
	else
		*number = (int64_t)value;
	return 0;
}

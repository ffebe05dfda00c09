/* source: runtime/eif/newc.c */
/* flags: -eva-precision 5 */
/* Headers and paddings of ramdisk members, of any numbers. */
#include "__fc_builtin.h"
#include "runtime/eif/newc.h"

static struct newc_header header;
static uint8_t bytes[NEWC_HEADER_SIZE];
static uint32_t name, data;

int main(void)
{
	Frama_C_make_unknown((char *)&header, sizeof header);
	Frama_C_make_unknown((char *)&name, sizeof name);
	Frama_C_make_unknown((char *)&data, sizeof data);
	newc_header_encode(&header, bytes);
	(void)newc_padding(newc_member_size(name, data));
	return 0;
}

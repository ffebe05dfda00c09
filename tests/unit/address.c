/* address: what is printed is what was read; hosts, endpoints, long paths and stand-ins. */
#include "runtime/net/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

static struct fault fault;

static struct address parse(const char *text)
{
	struct address address;

	if (address_parse(text, &address, &fault) != 0)
		fail_msg("%s", fault.text);
	return address;
}

static void an_address_is_printed_as_it_was_read(void **unused)
{
	static const char *const texts[] = {"vsock:3:5005", "vsock:any:0", "vsock:0:4294967295",
		"unix:/run/a b:c.sock", "unix:relative", "unix:@name", "tcp:localhost:80",
		"tcp:127.0.0.1:0", "tcp:[::1]:443", "tcp:[::ffff:1.2.3.4]:65535",
		"hybrid:/run/v.sock:5005", "hybrid:a:b::7"};
	char printed[ADDRESS_TEXT_MAX];

	(void)unused;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct address address = parse(texts[i]);

		address_print(&address, printed);
		assert_string_equal(printed, texts[i]);
	}
}

static void the_longest_addresses_fit(void **unused)
{
	static char text[ADDRESS_TEXT_MAX], printed[ADDRESS_TEXT_MAX];
	struct address address;

	(void)unused;
	memset(text, 'p', sizeof text);
	memcpy(text, "hybrid:", 7);
	strcpy(text + 7 + ADDRESS_TEXT_PATH_MAX, ":4294967295");
	assert_int_equal(strlen(text), ADDRESS_TEXT_SIZE_MAX);
	address = parse(text);
	assert_int_equal(strlen(address.text), ADDRESS_TEXT_PATH_MAX);
	address_print(&address, printed);
	assert_string_equal(printed, text);
}

static void what_is_no_address_is_refused_with_a_reason(void **unused)
{
	static const struct {
		const char *text, *reason;
	} wrong[] = {
		{"", "it must begin with vsock:"},
		{"/run/slc.sock", "it must begin with vsock:"},
		{"vsock:3", "the CID must be"},
		{"vsock:3:05", "it must end in a port"},
		{"tcp:h:65536", "it must end in a port"},
		{"tcp:a b:1", "the host must be"},
		{"unix:", "the path is missing"},
		{"unix:@0123456789012345678901234567890123456789012345678901234567890123456789"
		 "01234567890123456789012345678901234567",
			"a path has at most"},
		{"tcp:[1:2]:80", "there is no IPv6 address"},
		{"tcp:[:::]:80", "there is no IPv6 address"},
		{"tcp:[12345::]:80", "there is no IPv6 address"},
		{"tcp:127.1:80", "an IPv4 address has four"},
		{"tcp:2130706433:80", "an IPv4 address has four"},
		{"tcp:0x7f000001:80", "an IPv4 address has four"},
		{"tcp:0177.0.0.1:80", "an IPv4 address has four"},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct address address;

		assert_int_equal(address_parse(wrong[i].text, &address, &fault), -1);
		assert_string_equal(fault.word, "address");
		assert_non_null(strstr(fault.text, wrong[i].reason));
		assert_non_null(strstr(fault.text, wrong[i].text));
	}
}

static struct endpoints resolve(const char *text)
{
	struct address address = parse(text);
	struct endpoints endpoints;

	if (address_resolve(&address, &endpoints, &fault) != 0)
		fail_msg("%s", fault.text);
	return endpoints;
}

static void numeric_addresses_are_resolved_at_once(void **unused)
{
	struct endpoints found = resolve("tcp:127.0.0.1:5005");
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)&found.list[0].name;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&found.list[0].name;
	const struct sockaddr_vm *vm = (const struct sockaddr_vm *)&found.list[0].name;

	(void)unused;
	assert_int_equal(found.count, 1);
	assert_int_equal(v4->sin_family, AF_INET);
	assert_int_equal(ntohs(v4->sin_port), 5005);
	assert_int_equal(ntohl(v4->sin_addr.s_addr), INADDR_LOOPBACK);
	found = resolve("tcp:[::1]:5006");
	assert_int_equal(v6->sin6_family, AF_INET6);
	assert_int_equal(ntohs(v6->sin6_port), 5006);
	assert_memory_equal(&v6->sin6_addr, &in6addr_loopback, 16);
	found = resolve("vsock:any:5007");
	assert_int_equal(vm->svm_family, AF_VSOCK);
	assert_int_equal(vm->svm_cid, VMADDR_CID_ANY);
	assert_int_equal(vm->svm_port, 5007);
}

static void an_abstract_name_has_a_nul_in_front_and_none_behind(void **unused)
{
	struct endpoints found = resolve("unix:@slc");
	const struct sockaddr_un *name = (const struct sockaddr_un *)&found.list[0].name;

	(void)unused;
	assert_int_equal(name->sun_family, AF_UNIX);
	assert_int_equal(found.list[0].size, offsetof(struct sockaddr_un, sun_path) + 4);
	assert_memory_equal(name->sun_path, "\0slc", 4);
}

static void only_names_need_the_resolver(void **unused)
{
	static const char *const numeric[] = {"tcp:1.2.3.4:1", "tcp:[::]:1", "vsock:3:1", "unix:a"};
	struct address address = parse("tcp:localhost:1");

	(void)unused;
	assert_true(address_is_name(&address));
	for (size_t i = 0; i < sizeof numeric / sizeof *numeric; i++) {
		address = parse(numeric[i]);
		assert_false(address_is_name(&address));
	}
}

static void a_name_is_resolved_to_endpoints_with_its_port(void **unused)
{
	struct endpoints found = resolve("tcp:localhost:5008");

	(void)unused;
	assert_in_range(found.count, 1, ADDRESS_ENDPOINTS_MAX);
	for (unsigned i = 0; i < found.count; i++) {
		const struct sockaddr_in *v4 = (const struct sockaddr_in *)&found.list[i].name;

		assert_true(v4->sin_family == AF_INET || v4->sin_family == AF_INET6);
		assert_int_equal(ntohs(v4->sin_port), 5008); /* at the same place in both */
	}
}

static void a_stand_in_keeps_the_words_of_its_vsock_address(void **unused)
{
	struct address address = parse("vsock:3:5005");
	char printed[ADDRESS_TEXT_MAX];

	(void)unused;
	assert_int_equal(address_stand_in(&address, NULL, &fault), 0);
	assert_int_equal(address_stand_in(&address, "", &fault), 0);
	assert_int_equal(address.kind, ADDRESS_VSOCK);
	assert_int_equal(address_stand_in(&address, "/run/vsock", &fault), 0);
	assert_int_equal(address.kind, ADDRESS_STAND_IN);
	assert_string_equal(address.text, "/run/vsock");
	address_print(&address, printed);
	assert_string_equal(printed, "vsock:3:5005");
}

static void nothing_else_is_stood_in_for(void **unused)
{
	static char folder[ADDRESS_TEXT_PATH_MAX + 2];
	struct address address = parse("unix:/run/a.sock");

	(void)unused;
	assert_int_equal(address_stand_in(&address, "/run/vsock", &fault), 0);
	assert_int_equal(address.kind, ADDRESS_UNIX);
	assert_string_equal(address.text, "/run/a.sock");
	memset(folder, 'f', sizeof folder - 1);
	address = parse("vsock:3:5005");
	assert_int_equal(address_stand_in(&address, folder, &fault), -1);
	assert_string_equal(fault.word, "address");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_printed_as_it_was_read),
		cmocka_unit_test(the_longest_addresses_fit),
		cmocka_unit_test(what_is_no_address_is_refused_with_a_reason),
		cmocka_unit_test(numeric_addresses_are_resolved_at_once),
		cmocka_unit_test(an_abstract_name_has_a_nul_in_front_and_none_behind),
		cmocka_unit_test(only_names_need_the_resolver),
		cmocka_unit_test(a_name_is_resolved_to_endpoints_with_its_port),
		cmocka_unit_test(a_stand_in_keeps_the_words_of_its_vsock_address),
		cmocka_unit_test(nothing_else_is_stood_in_for),
	};

	return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}

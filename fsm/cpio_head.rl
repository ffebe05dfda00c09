/* cpio_head: decoder of the header of a cpio member. Page: spec/cpio_head.md. */
#include "gen/cpio_head.h"

%%{
	machine cpio_head;
	alphtype unsigned char;
	access m->;
	getkey c;

	action summed { m->summed = 1u; }
	action digit { m->value = 16u * m->value + CPIO_HEAD_DIGIT(c); m->scale = 16u * m->scale; }
	action inode {
		m->inode = 16u * m->value + CPIO_HEAD_DIGIT(c);
		m->value = 0u;
		m->scale = 1u;
	}
	action mode {
		m->mode = 16u * m->value + CPIO_HEAD_DIGIT(c);
		m->value = 0u;
		m->scale = 1u;
	}
	action uid {
		m->uid = 16u * m->value + CPIO_HEAD_DIGIT(c);
		m->value = 0u;
		m->scale = 1u;
	}
	action gid {
		m->gid = 16u * m->value + CPIO_HEAD_DIGIT(c);
		m->value = 0u;
		m->scale = 1u;
	}
	action links {
		m->links = 16u * m->value + CPIO_HEAD_DIGIT(c);
		m->value = 0u;
		m->scale = 1u;
	}
	action mtime {
		m->mtime = 16u * m->value + CPIO_HEAD_DIGIT(c);
		m->value = 0u;
		m->scale = 1u;
	}
	action size {
		m->size = 16u * m->value + CPIO_HEAD_DIGIT(c);
		m->value = 0u;
		m->scale = 1u;
	}
	action device_major {
		m->device_major = 16u * m->value + CPIO_HEAD_DIGIT(c);
		m->value = 0u;
		m->scale = 1u;
	}
	action device_minor {
		m->device_minor = 16u * m->value + CPIO_HEAD_DIGIT(c);
		m->value = 0u;
		m->scale = 1u;
	}
	action special_major {
		m->special_major = 16u * m->value + CPIO_HEAD_DIGIT(c);
		m->value = 0u;
		m->scale = 1u;
	}
	action special_minor {
		m->special_minor = 16u * m->value + CPIO_HEAD_DIGIT(c);
		m->value = 0u;
		m->scale = 1u;
	}
	action name {
		m->name_size = 16u * m->value + CPIO_HEAD_DIGIT(c);
		m->value = 0u;
		m->scale = 1u;
	}
	action check {
		m->check = 16u * m->value + CPIO_HEAD_DIGIT(c);
		m->value = 0u;
		m->scale = 1u;
	}
	action ignore { }

	# Ends are told apart by what keeps them, or else Ragel would merge them.
	action in_done { }
	action in_bad_magic { }
	action in_bad_digit { }
	action in_bad_name { }

	action more { m->scale <= 16777216u }
	action name_fits {
		16u * m->value + CPIO_HEAD_DIGIT(c) >= 1u &&
		16u * m->value + CPIO_HEAD_DIGIT(c) <= CPIO_HEAD_NAME_MAX
	}

	action step { fbreak; }

	action names {
		(void)fentry(head::magic1); (void)fentry(head::magic2);
		(void)fentry(head::magic3); (void)fentry(head::magic4);
		(void)fentry(head::magic5); (void)fentry(head::variant);
		(void)fentry(head::inode); (void)fentry(head::mode);
		(void)fentry(head::uid); (void)fentry(head::gid);
		(void)fentry(head::links); (void)fentry(head::mtime);
		(void)fentry(head::size); (void)fentry(head::device_major);
		(void)fentry(head::device_minor); (void)fentry(head::special_major);
		(void)fentry(head::special_minor); (void)fentry(head::name);
		(void)fentry(head::check); (void)fentry(head::done);
		(void)fentry(head::bad_magic); (void)fentry(head::bad_digit);
		(void)fentry(head::bad_name);
	}

	hexadecimal = '0'..'9' | 'A'..'F' | 'a'..'f';

	head = (
		start:   '' -> magic1,
		magic1:  ( '0' @ignore -> magic2 | (any - '0') @ignore -> bad_magic ),
		magic2:  ( '7' @ignore -> magic3 | (any - '7') @ignore -> bad_magic ),
		magic3:  ( '0' @ignore -> magic4 | (any - '0') @ignore -> bad_magic ),
		magic4:  ( '7' @ignore -> magic5 | (any - '7') @ignore -> bad_magic ),
		magic5:  ( '0' @ignore -> variant | (any - '0') @ignore -> bad_magic ),
		variant: ( '1' @ignore -> inode | '2' @summed -> inode
		         | (any - ('1' | '2')) @ignore -> bad_magic ),
		inode: ( (hexadecimal when more) @digit -> inode
		         | (hexadecimal when !more) @inode -> mode
		         | (any - hexadecimal) @ignore -> bad_digit ),
		mode: ( (hexadecimal when more) @digit -> mode
		         | (hexadecimal when !more) @mode -> uid
		         | (any - hexadecimal) @ignore -> bad_digit ),
		uid: ( (hexadecimal when more) @digit -> uid
		         | (hexadecimal when !more) @uid -> gid
		         | (any - hexadecimal) @ignore -> bad_digit ),
		gid: ( (hexadecimal when more) @digit -> gid
		         | (hexadecimal when !more) @gid -> links
		         | (any - hexadecimal) @ignore -> bad_digit ),
		links: ( (hexadecimal when more) @digit -> links
		         | (hexadecimal when !more) @links -> mtime
		         | (any - hexadecimal) @ignore -> bad_digit ),
		mtime: ( (hexadecimal when more) @digit -> mtime
		         | (hexadecimal when !more) @mtime -> size
		         | (any - hexadecimal) @ignore -> bad_digit ),
		size: ( (hexadecimal when more) @digit -> size
		         | (hexadecimal when !more) @size -> device_major
		         | (any - hexadecimal) @ignore -> bad_digit ),
		device_major: ( (hexadecimal when more) @digit -> device_major
		         | (hexadecimal when !more) @device_major -> device_minor
		         | (any - hexadecimal) @ignore -> bad_digit ),
		device_minor: ( (hexadecimal when more) @digit -> device_minor
		         | (hexadecimal when !more) @device_minor -> special_major
		         | (any - hexadecimal) @ignore -> bad_digit ),
		special_major: ( (hexadecimal when more) @digit -> special_major
		         | (hexadecimal when !more) @special_major -> special_minor
		         | (any - hexadecimal) @ignore -> bad_digit ),
		special_minor: ( (hexadecimal when more) @digit -> special_minor
		         | (hexadecimal when !more) @special_minor -> name
		         | (any - hexadecimal) @ignore -> bad_digit ),
		name:    ( (hexadecimal when more) @digit -> name
		         | ((hexadecimal when !more) when name_fits) @name -> check
		         | ((hexadecimal when !more) when !name_fits) @ignore -> bad_name
		         | (any - hexadecimal) @ignore -> bad_digit ),
		check: ( (hexadecimal when more) @digit -> check
		         | (hexadecimal when !more) @check -> done
		         | (any - hexadecimal) @ignore -> bad_digit ),
		done:      ( any @in_done -> done ),
		bad_magic: ( any @in_bad_magic -> bad_magic ),
		bad_digit: ( any @in_bad_digit -> bad_digit ),
		bad_name:  ( any @in_bad_name -> bad_name )
	);
	main := head $step %names;
}%%

%% write data noerror nofinal;

void cpio_head_init(struct cpio_head *m)
{
	m->summed = 0u;
	m->scale = 1u;
	m->value = 0u;
	m->inode = 0u;
	m->mode = 0u;
	m->uid = 0u;
	m->gid = 0u;
	m->links = 0u;
	m->mtime = 0u;
	m->size = 0u;
	m->device_major = 0u;
	m->device_minor = 0u;
	m->special_major = 0u;
	m->special_minor = 0u;
	m->name_size = 0u;
	m->check = 0u;
	%% write init;
}

void cpio_head_step(struct cpio_head *m, uint8_t c)
{
	unsigned p = 0u;

	%% write exec noend;
}

#define MACHINE cpio_head
#include "fsm/feed.inc"

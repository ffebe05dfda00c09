/* audit: whether a log of an enclave is the whole truth, as a pure decision over what was found out
 * about it (spec/audit.md). It reads nothing and calls nothing, so that it can be proved:
 * verify/audit.acsl says that `intact` is given only if every check held, and what each refusal is
 * about. A fact that was not found out is zero, and zero refuses. The log itself: record.h. */
#ifndef CLOISTER_RUNTIME_CHANNEL_AUDIT_H
#define CLOISTER_RUNTIME_CHANNEL_AUDIT_H

#include <stdbool.h>

enum audit {
	AUDIT_INTACT,     /* it leads to what the document says, and so does the mark */
	AUDIT_UNATTESTED, /* it holds together, and no document that counts speaks of it */
	AUDIT_MALFORMED,  /* it can't be read, or its records are not numbered one by one */
	AUDIT_HEAD,       /* it does not lead to the head that the document holds */
	AUDIT_MARK        /* the register's mark is not the one of this log */
};
#define AUDITS (AUDIT_MARK + 1u)

struct audit_facts {
	bool is_read;     /* to its end, each record in its place */
	bool has_head;    /* a document of this session holds a head */
	bool is_reached;  /* the log has that head at that number */
	bool is_attested; /* and the document is believed */
	bool is_entered;  /* the document's register 18 is locked, and not zero */
	bool has_mark;    /* the log says which record was marked */
	bool is_its_mark; /* the register is what this mark makes of it; and the log's head at that
	                     number, if it still has it, is the mark's */
};

enum audit audit_of(const struct audit_facts *facts);

/* The decision in one word, and what it means for people. */
const char *audit_word(enum audit audit);
const char *audit_text(enum audit audit);

#endif

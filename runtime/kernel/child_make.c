/* child_make: a new process as its plan wants it, by clone3 where fork can't. */
#include <errno.h>
#include <linux/sched.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/kernel/child_inside.h"

#define STACK (64u << 10) /* bytes: for a path, and for what `prepare` needs */
#define GUARD (64u << 10) /* below it, the largest page there is: what needs more ends there */

/* The new process goes on with child_become(start), on the stack of `args` or on its copy of ours;
 * it has nothing to go back to, which is why no function of the C library will do. Returns its
 * number in ours, or an errno below 0. */
static long clone_and_become(const struct clone_args *args, const struct child_start *start)
{
#if defined(__x86_64__)
	register const struct child_start *first __asm__("r12") = start;
	register void (*next)(const struct child_start *) __asm__("r13") = child_become;
	long result = SYS_clone3;

	__asm__ volatile("syscall\n\t"
			 "test %%rax, %%rax\n\t"
			 "jnz 1f\n\t"
			 "xor %%ebp, %%ebp\n\t"
			 "lea -128(%%rsp), %%rsp\n\t" /* what is there may be `start` */
			 "and $-16, %%rsp\n\t"
			 "mov %[first], %%rdi\n\t"
			 "call *%[next]\n"
			 "1:"
			 : "+a"(result)
			 : "D"(args), "S"(sizeof *args), [first] "r"(first), [next] "r"(next)
			 : "rcx", "r11", "cc", "memory");
	return result;
#elif defined(__aarch64__)
	register const struct child_start *first __asm__("x19") = start;
	register void (*next)(const struct child_start *) __asm__("x20") = child_become;
	register long number __asm__("x8") = SYS_clone3;
	register size_t size __asm__("x1") = sizeof *args;
	register long result __asm__("x0") = (long)args;

	__asm__ volatile("svc #0\n\t"
			 "cbnz x0, 1f\n\t"
			 "mov x29, #0\n\t"
			 "mov x0, %[first]\n\t"
			 "blr %[next]\n"
			 "1:"
			 : "+r"(result)
			 : "r"(number), "r"(size), [first] "r"(first), [next] "r"(next)
			 : "cc", "memory");
	return result;
#else
	(void)args;
	(void)start;
	return -ENOSYS;
#endif
}

static void *make_stack(void)
{
	uint8_t *memory = mmap(
		NULL, GUARD + STACK, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);

	if (memory == MAP_FAILED)
		return NULL;
	if (mprotect(memory + GUARD, STACK, PROT_READ | PROT_WRITE) == 0)
		return memory;
	(void)munmap(memory, GUARD + STACK);
	return NULL;
}

static long make_by_clone(const struct child_plan *plan, const struct child_start *start)
{
	struct clone_args args = {.exit_signal = SIGCHLD};
	uint8_t *stack = NULL;
	long result;

	if (plan->cgroup != NULL) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (unsigned)*plan->cgroup;
	}
	if (plan->in_our_memory) {
		stack = make_stack();
		if (stack == NULL)
			return -ENOMEM;
		args.flags |= CLONE_VM | CLONE_VFORK;
		args.stack = (uintptr_t)(stack + GUARD);
		args.stack_size = STACK;
	}
	result = clone_and_become(&args, start);
	if (stack != NULL)
		(void)munmap(stack, GUARD + STACK);
	return result;
}

/* All signals are blocked, so that no handler of ours runs in the new process. A kernel or a filter
 * that knows no clone3, or no such group, leaves the old way: the process moves itself. */
pid_t child_make(const struct child_plan *plan, int report)
{
	struct child_start start = {.plan = plan, .report = report};
	sigset_t all, before;
	long result = -ENOSYS;

	sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	if (!plan->is_cgroup_used && (plan->cgroup != NULL || plan->in_our_memory))
		result = make_by_clone(plan, &start);
	if (result < 0) {
		start.must_enter = plan->cgroup != NULL;
		result = _Fork();
		if (result == 0)
			child_become(&start);
		if (result < 0)
			result = -errno;
	}
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (result > 0)
		return (pid_t)result;
	errno = (int)-result;
	return -1;
}

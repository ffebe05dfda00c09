# gen/notice.c: a digit counts one more
s/(c - 48u); }/(c - 47u); }/

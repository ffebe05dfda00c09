# runtime/channel/record.c: numbers of records are not looked at
s/record.number != log->count + 1 ||/false ||/

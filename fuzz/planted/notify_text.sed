# gen/notify_text.c: a unit that is not well is alive
s/m->gives = NOTIFY_TEXT_UNWELL/m->gives = NOTIFY_TEXT_ALIVE/

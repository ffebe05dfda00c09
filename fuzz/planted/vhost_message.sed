# host/vsockd/vhost_message.c: a queue more than there is
s/return index < VHOST_QUEUES;/return index <= VHOST_QUEUES;/

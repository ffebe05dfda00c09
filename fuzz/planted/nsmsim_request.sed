# host/nsmsim/request.c: an argument of another operation is taken
s/(known & HAS(which)) != 0/known != 0/

-- Until this write ends, nobody else reads who is forgotten, and so nobody writes a name. Who has read it and writes is waited for.
LOCK TABLE forgetting_keys IN ACCESS EXCLUSIVE MODE

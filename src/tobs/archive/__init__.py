"""The truth of an export folder: one SQLite file, written by one thread, read by many.

app opens it in this order and closes it in the reverse one:

    with lock_folder(output):                       # lock.py
        archive = await open_archive(output, …)     # store.py: makes or migrates the file
        reader = ArchiveReader(archive.path)        # read.py
        …                                           # archive.ledger remembers what is rendered
        reader.close()
        await archive.close()                       # folds the write-ahead log into the file
"""

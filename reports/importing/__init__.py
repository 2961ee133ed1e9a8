"""Import of a study from a folder of CSV files, through the same actions as the pages.

reading: files to rows. layout: which files and columns there are. codes: free text to codes. mapping: rows to drafts
of forms. loading: drafts to the database. All but `loading` are pure.
"""

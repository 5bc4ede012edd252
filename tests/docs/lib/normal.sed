# What differs from run to run stands as a sample in the pages.  Each sample
# and each value that was printed must have its exact form, and is then
# compared as the name of that form; all the rest is compared letter by letter.
s/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z/<time>/g
s/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}-[0-9]{2}-[0-9]{2}/<stamp>/g
# A column of sizes is as wide as they are.
s/ *\b[0-9]+(\.[0-9])? (bytes|kB|MB|GB)\b/ <size>/g
s/\b[0-9]+ ms\b/<ms>/g
s/\b[0-9]+ (second|minute|hour|day)s? ago\b/<age>/g
s/\b[0-9a-f]{64}\b/<sha256>/g
# What a progress bar wrote over, and the ends of lines of a terminal.
s/\r$//
s/.*\r//
s/#code=[0-9a-f]{32}\b/#code=<code>/g
s/^[0-9a-f]{32}$/<code>/
# How many tests there are; how many fail is compared.
s/^[1-9][0-9]* passed, /<some> passed, /
# The columns of ls -l between the mode and the name.
s/^(-r[-w]-------) +1 [a-z]+ +[a-z]+ +[0-9.]+[KM]? [A-Z][a-z]{2} [ 0-9][0-9] ([0-9]{2}:[0-9]{2}| [0-9]{4}) /\1 <ls> /

# What shape.bats has to know about the C sources, which are the arguments. Written to the folder FACTS:
#
#   code         FILE:LINE:TEXT without comments and with empty strings
#   text         the same with strings
#   functions    LENGTH FILE:LINE NAME, from brace to brace
#   prototypes   FILE:LINE NAME STATE TEXT of those in headers, tabs between. STATE is "documented" when the
#                comment right above it, or above the group it stands in, names it; "bare" when not; "(...)",
#                what the parameters are called there, when that is not what they are called here

# Takes LINE apart: what is no comment goes to BARE and, with strings, to FULL.
function strip(line,    token) {
	bare = full = ""
	while (line != "") {
		if (in_comment) {
			if (!index(line, "*/"))
				return
			line = substr(line, index(line, "*/") + 2)
		}
		if (!match(line, /\/[*]|\/\/.*|"([^"\\]|\\.)*"|\047([^\047\\]|\\.)*\047/))
			RSTART = length(line) + 1
		bare = bare substr(line, 1, RSTART - 1)
		full = full substr(line, 1, RSTART - 1)
		token = substr(line, RSTART, RLENGTH)
		line = substr(line, RSTART + length(token))
		in_comment = token == "/*"
		if (token ~ /^["\047]/) {
			bare = bare substr(token, 1, 1) substr(token, 1, 1)
			full = full token
		}
	}
}

# The names of the parameters in TEXT, what is between the parentheses of a prototype, as a contract has them.
function parameters(text,    parts, count, i, names, name) {
	while (match(text, /\(\*[A-Za-z0-9_]+\)\([^()]*\)/)) { # a function
		name = substr(text, RSTART + 2, RLENGTH - 2)
		sub(/\).*/, "", name)
		text = substr(text, 1, RSTART - 1) name substr(text, RSTART + RLENGTH)
	}
	count = split(text, parts, /, */)
	for (i = 1; i <= count; i++) {
		sub(/\[[^]]*\]$/, "", parts[i])
		match(parts[i], /[A-Za-z0-9_.]*$/)
		names = names (i > 1 ? ", " : "") (parts[i] == "void" ? "" : substr(parts[i], RSTART))
	}
	return names
}

function state(name, arguments,    said) {
	if (contract !~ ("[^A-Za-z0-9_]" name "[^A-Za-z0-9_]"))
		return "bare"
	if (!index(contract, name "("))
		return "documented"
	said = substr(contract, index(contract, name "(") + length(name) + 1)
	said = substr(said, 1, index(said, ")") - 1)
	return said == parameters(arguments) ? "documented" : "(" said ")"
}

# Ends a declaration. One that is no prototype ends its group.
function declare(text,    name, arguments) {
	sub(/ *[;{].*/, "", text)
	if (match(text, /[A-Za-z0-9_]+\(/)) {
		name = substr(text, RSTART, RLENGTH - 1)
		arguments = substr(text, RSTART + RLENGTH)
		sub(/\)$/, "", arguments)
		print place "\t" name "\t" state(name, arguments) "\t" text >(FACTS "/prototypes")
	} else
		contract = ""
}

FNR == 1 {
	in_comment = begin = 0
	contract = declaration = ""
}
{
	strip($0)
	print FILENAME ":" FNR ":" bare >(FACTS "/code")
	print FILENAME ":" FNR ":" full >(FACTS "/text")
	gsub(/ *__attribute__ *\(\(([^()]|\([^()]*\))*\)\)/, "", bare)
}

bare ~ /^[A-Za-z_]/ {
	place = FILENAME ":" FNR
	declaration = bare
	if (match(bare, /[A-Za-z0-9_]+\(/)) {
		function_name = substr(bare, RSTART, RLENGTH - 1)
		function_place = place
	}
}
/^\{/ { begin = FNR }
/^\}/ && begin {
	print FNR - begin + 1, function_place, function_name >(FACTS "/functions")
	begin = 0
}

FILENAME !~ /^(lib|providers).*\.h$/ { next }
/^$/ || /^\/\*/ { contract = "" }
/^(\/| )\*/ { contract = contract " " substr($0, 4) }
bare ~ /^[ \t]+[^ \t]/ && declaration != "" {
	sub(/^[ \t]+/, " ", bare)
	declaration = declaration bare
}
declaration ~ /[;{]/ {
	declare(declaration)
	declaration = ""
}

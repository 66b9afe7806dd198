"""How large a request may be. Each bound answers an attack; `python -m benchmarks attacks` measures what is left."""

BODY_BYTES_MAX = 64 * 1024
SOURCE_CHARACTERS_MAX = 16_384  # a limit of tokens alone lets comments and string literals of any length by
TOKENS_MAX = 1_000
COMMENTS_MAX = 50
DEPTH_MAX = 12  # outside __schema and __type: tools' introspection is 15 deep
ALIASES_MAX = 50
ROOT_FIELDS_MAX = 20
FIELDS_MAX = 500  # after fragments are expanded
NODES_MAX = 10_000
INTROSPECTED_MAX = 5_000  # objects of an introspection that no tool sends as it is
CATALOGUE_VALUES_MAX = 20_000  # of one operation
POINTS_MAX = 1_000  # of one operation
IN_LIST_MAX = 250
CLAUSES_MAX = 50  # conditions in one `where`
ERRORS_MAX = 5
# 300 sibling fragments: 0.9-1.2 s with graphql-core's default of 500,000, and 60 of them twice what 30 take. Thirty
# components that each ask for the same fields of a record and of its link stay within it.
OVERLAP_BUDGET = 12_000
SHAPES_MAX = 16  # plans kept per document
STATEMENTS_MAX = 8  # statements kept per plan, one for each set of releases: `release:` in ten root fields names 3^10
PREPARED_MAX = 8  # bound states kept per plan: pages behind cursors of one state are one
DOCUMENTS_MAX = 2_000  # documents kept per worker
DOCUMENTS_BYTES_MAX = 96 * 1024 * 1024  # of documents and their plans, per worker
QUERY_STRING_BYTES_MAX = 16 * 1024  # of a GET; what is longer is POSTed
RESPONSE_BYTES_MAX = 8 * 1024 * 1024  # of JSON from the database, unless the operator sets another

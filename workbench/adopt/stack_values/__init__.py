"""Values of the stack file with which the program wants what there is already."""

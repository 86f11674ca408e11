"""Whether what landed obeys the specification."""

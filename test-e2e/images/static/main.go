// Program static is the only file of an image without a shell: it prints its arguments and ends with the code it is told.
//
//	static echo WORD...    prints the words, ends with 0
//	static exit CODE       ends with CODE
package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

func main() {
	if len(os.Args) > 2 && os.Args[1] == "echo" {
		fmt.Println(strings.Join(os.Args[2:], " "))
		return
	}
	if len(os.Args) == 3 && os.Args[1] == "exit" {
		if code, err := strconv.Atoi(os.Args[2]); err == nil {
			os.Exit(code)
		}
	}
	fmt.Fprintf(os.Stderr, "static: expected \"echo WORD...\" or \"exit CODE\", got %q\n", os.Args[1:])
	os.Exit(2)
}

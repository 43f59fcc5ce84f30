module flatmesh.test/programs

go 1.22
